//! The columns of a table and what they are for.

use std::fmt;

use rustc_hash::FxHashMap;

use crate::error::{Error, ErrorKind, Place, Result};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The article or sentence.
    Text,
    /// The label that a person gave it.
    Label,
    /// What the row is called.
    Id,
    /// The document that the row belongs to: rows of one document stay together in cross-validation.
    Group,
}

impl Role {
    /// The names by which the column is found when none is chosen, most wanted first; upper or lower case alike.
    #[must_use]
    pub fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["text", "body", "content", "sentence", "article"],
            Self::Label => &["label", "stance", "class", "gold"],
            Self::Id => &["id", "sentence_id"],
            Self::Group => &["doc_id", "document", "article_id", "group"],
        }
    }

    /// The word for it in messages, which is also the stem of its option.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Label => "label",
            Self::Id => "id",
            Self::Group => "group",
        }
    }
}

/// Whether `name` is a usual name of any role.
pub(super) fn is_usual_name(name: &str) -> bool {
    [Role::Text, Role::Label, Role::Id, Role::Group]
        .iter()
        .flat_map(|role| role.usual_names())
        .any(|usual| usual.eq_ignore_ascii_case(name))
}

/// Which columns the user chose by name. What is left open is guessed from the usual names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnChoice {
    /// The text column.
    pub text: Option<String>,
    /// The label column.
    pub label: Option<String>,
    /// The id column.
    pub id: Option<String>,
    /// The group column.
    pub group: Option<String>,
}

impl ColumnChoice {
    fn of(&self, role: Role) -> Option<&str> {
        match role {
            Role::Text => self.text.as_deref(),
            Role::Label => self.label.as_deref(),
            Role::Id => self.id.as_deref(),
            Role::Group => self.group.as_deref(),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [&self.text, &self.label, &self.id, &self.group].into_iter().filter_map(Option::as_deref)
    }
}

/// A column with a role. Prints as `body` or `body (guessed)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its position in the header, from 0.
    pub index: usize,
    /// Its name in the header.
    pub name: String,
    /// Whether it was found by a usual name and not chosen.
    pub guessed: bool,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, if self.guessed { " (guessed)" } else { "" })
    }
}

/// The columns of labelled data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The text column.
    pub text: Column,
    /// The label column.
    pub label: Column,
    /// The id column, if there is one.
    pub id: Option<Column>,
    /// The group column, if there is one.
    pub group: Option<Column>,
}

/// The column names of a table, all different, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    names: Vec<String>,
    /// Where each name stands. A table may have as many columns as fit into a row of 64 MiB, so no name is searched for.
    positions: FxHashMap<String, usize>,
}

impl Header {
    /// A header of `names`, white space around each removed. One name may be empty (tables that pandas wrote have that).
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when a name stands twice: nobody could say which of the two is meant.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().trim().to_owned()).collect();
        let mut positions = FxHashMap::default();
        for (second, name) in names.iter().enumerate() {
            if let Some(first) = positions.insert(name.clone(), second) {
                return Err(twice(first, second, name));
            }
        }
        Ok(Self { names, positions })
    }

    /// The names in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The position of the column called exactly `name`.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// The column called exactly `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when there is none; the message lists the columns and names the nearest one.
    pub fn require(&self, name: &str) -> Result<Column> {
        match self.index(name) {
            Some(index) => Ok(Column { index, name: name.to_owned(), guessed: false }),
            None => Err(self.missing(name)),
        }
    }

    /// The column for `role`: the chosen one, or else the first of the role's usual names that the header has.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when the chosen one does not exist.
    pub fn find(&self, role: Role, choice: &ColumnChoice) -> Result<Option<Column>> {
        if let Some(name) = choice.of(role) {
            return self.require(name).map(Some);
        }
        let index = role
            .usual_names()
            .iter()
            .find_map(|usual| self.names.iter().position(|name| name.eq_ignore_ascii_case(usual)));
        Ok(index.map(|index| Column { index, name: self.names[index].clone(), guessed: true }))
    }

    /// The text column: chosen, usual, or the only column there is.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when it cannot be found.
    pub fn text_column(&self, choice: &ColumnChoice) -> Result<Column> {
        match self.find(Role::Text, choice)? {
            Some(column) => Ok(column),
            None if self.names.len() == 1 => {
                Ok(Column { index: 0, name: self.names[0].clone(), guessed: true })
            }
            None => Err(self.nothing_for(Role::Text)),
        }
    }

    /// The columns of labelled data; text and label must be there.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when one cannot be found, or when one column would be both text and label.
    pub fn roles(&self, choice: &ColumnChoice) -> Result<Roles> {
        let text = self.text_column(choice)?;
        let label = self.find(Role::Label, choice)?.ok_or_else(|| self.nothing_for(Role::Label))?;
        if text.index == label.index {
            return Err(Error::new(
                ErrorKind::Column,
                format!("the column \"{}\" cannot be both the text and the label", text.name),
            )
            .advise("name both with --text-column and --label-column"));
        }
        Ok(Roles { text, label, id: self.find(Role::Id, choice)?, group: self.find(Role::Group, choice)? })
    }

    fn missing(&self, name: &str) -> Error {
        let error = Error::new(
            ErrorKind::Column,
            format!("there is no column \"{name}\"; the columns are: {}", self.list()),
        );
        match self.nearest(name) {
            Some(nearest) => error.advise(format!("did you mean \"{nearest}\"?")),
            None => error,
        }
    }

    pub(super) fn nothing_for(&self, role: Role) -> Error {
        Error::new(
            ErrorKind::Column,
            format!(
                "no column looks like the {}; expected one called {}; the columns are: {}",
                role.name(),
                role.usual_names().join(", "),
                self.list()
            ),
        )
        .advise(format!("name it with --{}-column", role.name()))
    }

    /// The names for a message.
    pub(super) fn list(&self) -> String {
        const MOST: usize = 40;
        let mut list = self.names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
        if self.names.len() > MOST {
            list.push_str(", …");
        }
        list
    }

    /// The column whose name is most like `name`, if any is like it at all (Jaro–Winkler similarity of 0.75 or more,
    /// upper and lower case alike).
    fn nearest(&self, name: &str) -> Option<&str> {
        let wanted = name.to_lowercase();
        let likeness = |known: &str| strsim::jaro_winkler(&known.to_lowercase(), &wanted);
        let best = self.names.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
        (likeness(best) >= 0.75).then_some(best)
    }

    /// For each column of `self` its position in `file`, or `None` when both have the same order.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when the two do not have the same names.
    pub(super) fn order_in(&self, file: &Header, first_file: &str) -> Result<Option<Vec<usize>>> {
        if self.names == file.names {
            return Ok(None);
        }
        let lacking: Vec<_> = self.names.iter().filter(|name| file.index(name).is_none()).collect();
        let further: Vec<_> = file.names.iter().filter(|name| self.index(name).is_none()).collect();
        if lacking.is_empty() && further.is_empty() {
            return Ok(Some(self.names.iter().filter_map(|name| file.index(name)).collect()));
        }
        let quoted =
            |names: &[&String]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let difference = match (lacking.is_empty(), further.is_empty()) {
            (false, true) => format!("it lacks {}", quoted(&lacking)),
            (true, _) => format!("it has {} besides", quoted(&further)),
            (false, false) => {
                format!("it lacks {}, it has {} besides", quoted(&lacking), quoted(&further))
            }
        };
        let what = format!("its columns are not those of {first_file}: {difference}");
        Err(Error::new(ErrorKind::Column, what)
            .at(Place::default().line(1))
            .advise("all tables of one run must have the same columns; their order does not matter"))
    }
}

fn twice(first: usize, second: usize, name: &str) -> Error {
    let (first, second) = (first + 1, second + 1);
    let what = if name.is_empty() {
        format!("the columns {first} and {second} both have no name; expected different names")
    } else {
        format!("the columns {first} and {second} are both called \"{name}\"; expected different names")
    };
    Error::new(ErrorKind::Column, what).advise("rename or remove one of them in the header line")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &str) -> Header {
        Header::new(names.split(',')).unwrap()
    }

    #[test]
    fn usual_names_are_found_in_order_of_preference_whatever_their_case() {
        let cases = [
            ("id,Body,date", "Body (guessed)"),
            ("sentence,TEXT", "TEXT (guessed)"),
            ("article,content", "content (guessed)"),
            ("headline", "headline (guessed)"),
        ];
        for (names, expected) in cases {
            let column = header(names).text_column(&ColumnChoice::default()).unwrap();
            assert_eq!(column.to_string(), expected);
        }
    }

    #[test]
    fn a_chosen_column_is_not_called_guessed() {
        let choice = ColumnChoice { text: Some("title".into()), ..ColumnChoice::default() };
        let column = header("text,title").text_column(&choice).unwrap();
        assert_eq!((column.to_string().as_str(), column.index), ("title", 1));
    }

    #[test]
    fn column_errors_name_the_columns_and_the_way_out() {
        let missing = header("id,body,date").require("boddy").unwrap_err();
        insta::assert_snapshot!(missing, @r#"
        there is no column "boddy"; the columns are: id, body, date
          did you mean "body"?
        "#);
        let unlike = header("id,body").require("xyz").unwrap_err();
        insta::assert_snapshot!(unlike, @r#"there is no column "xyz"; the columns are: id, body"#);
        let nothing = header("a,b").text_column(&ColumnChoice::default()).unwrap_err();
        insta::assert_snapshot!(nothing, @r"
        no column looks like the text; expected one called text, body, content, sentence, article; the columns are: a, b
          name it with --text-column
        ");
        let unlabelled = header("id,text").roles(&ColumnChoice::default()).unwrap_err();
        insta::assert_snapshot!(unlabelled, @r"
        no column looks like the label; expected one called label, stance, class, gold; the columns are: id, text
          name it with --label-column
        ");
        let same = ColumnChoice { text: Some("label".into()), ..ColumnChoice::default() };
        insta::assert_snapshot!(header("label,x").roles(&same).unwrap_err(), @r#"
        the column "label" cannot be both the text and the label
          name both with --text-column and --label-column
        "#);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let named = Header::new(["a", "text ", "b", "text"]).unwrap_err();
        insta::assert_snapshot!(named, @r#"
        the columns 2 and 4 are both called "text"; expected different names
          rename or remove one of them in the header line
        "#);
        let nameless = Header::new(["", "a", ""]).unwrap_err();
        insta::assert_snapshot!(nameless, @r"
        the columns 1 and 3 both have no name; expected different names
          rename or remove one of them in the header line
        ");
    }

    #[test]
    fn the_same_columns_in_another_order_are_matched_by_name() {
        assert_eq!(header("a,b,c").order_in(&header("a,b,c"), "x").unwrap(), None);
        assert_eq!(header("a,b,c").order_in(&header("c,a,b"), "x").unwrap(), Some(vec![1, 2, 0]));
        let error = header("a,b").order_in(&header("a,c"), "first.csv").unwrap_err();
        insta::assert_snapshot!(error, @r#"
        line 1: its columns are not those of first.csv: it lacks "b", it has "c" besides
          all tables of one run must have the same columns; their order does not matter
        "#);
    }
}
