//! JSON as it was written: the members of an object in their order, repeated ones too, and each
//! value as its text, so that numbers keep their digits.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Serialize,
    de::{Error as _, IgnoredAny},
};
use serde_json::{Deserializer, Error};

use crate::failure::Failure;

/// Splits an object into names and the texts of values.
#[expect(clippy::zero_sized_map_values, reason = "a set would not accept an object")]
pub(crate) fn members(json: &str) -> Result<Vec<(String, &str)>, Error> {
    // Ensures that the text is one whole object before it is split.
    serde_json::from_str::<BTreeMap<String, IgnoredAny>>(json)?;
    let mut rest = inside(json);
    let mut members = Vec::new();
    while rest.starts_with('"') {
        let (name, _, value) = first::<String>(rest)?;
        let (_, value, next) = first::<IgnoredAny>(value)?;
        members.push((name, value));
        rest = next;
    }
    Ok(members)
}

/// Splits an array into the texts of its elements.
pub(crate) fn elements(json: &str) -> Result<Vec<&str>, Error> {
    serde_json::from_str::<Vec<IgnoredAny>>(json)?;
    let mut rest = inside(json);
    let mut elements = Vec::new();
    while !rest.starts_with(']') {
        let (_, element, next) = first::<IgnoredAny>(rest)?;
        elements.push(element);
        rest = next;
    }
    Ok(elements)
}

/// The text after the bracket that opens an object or an array.
fn inside(json: &str) -> &str {
    json.trim_start().get(1..).unwrap_or_default().trim_start()
}

/// Reads the value at the start of `json`. Returns it, its text, and what follows the separator.
fn first<'j, T: Deserialize<'j>>(json: &'j str) -> Result<(T, &'j str, &'j str), Error> {
    let mut values = Deserializer::from_str(json).into_iter::<T>();
    let value = values.next().unwrap_or_else(|| Err(Error::custom("a value is missing")))?;
    let (text, rest) = json.split_at(values.byte_offset());
    let rest = rest.trim_start().trim_start_matches([',', ':']).trim_start();
    Ok((value, text, rest))
}

/// Writes an object of names and the texts of values.
pub(crate) fn object<'m>(
    members: impl IntoIterator<Item = (&'m str, &'m str)>,
) -> Result<String, Failure> {
    let mut texts = Vec::new();
    for (name, value) in members {
        texts.push(format!("{}:{value}", text(name)?));
    }
    Ok(format!("{{{}}}", texts.join(",")))
}

/// Writes a value as JSON.
pub(crate) fn text(value: &(impl Serialize + ?Sized)) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::misuse(format!("the result cannot be written as JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{elements, members, object};

    #[test]
    fn values_keep_their_text() {
        let json = " { \"a\" : 1.50 ,\n\"\\u0061\":[ 1e3 , {\"b\":null} ],\"c\":\"x,:}\" , \
                    \"d\":{}\t, \"e\":12345678901234567890123 } ";
        let expected = [
            ("a", "1.50"),
            ("a", "[ 1e3 , {\"b\":null} ]"),
            ("c", "\"x,:}\""),
            ("d", "{}"),
            ("e", "12345678901234567890123"),
        ];
        let found = members(json).unwrap();
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(elements(found[1].1).unwrap(), ["1e3", "{\"b\":null}"]);
        let written = object(found.iter().map(|(name, value)| (name.as_str(), *value))).unwrap();
        assert_eq!(
            written,
            "{\"a\":1.50,\"a\":[ 1e3 , {\"b\":null} ],\"c\":\"x,:}\",\"d\":{},\
             \"e\":12345678901234567890123}"
        );
        assert_eq!(members("{}").unwrap(), []);
        assert_eq!(members(" {\n} ").unwrap(), []);
        assert_eq!(elements("[ ]").unwrap(), [""; 0]);
    }

    #[test]
    fn other_text_is_rejected() {
        for json in
            ["", "[]", "1", "{", "{}}", "{} {}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{,}"]
        {
            assert!(members(json).is_err(), "{json}");
        }
        for json in ["", "{}", "[", "[1,]", "[,]", "[1 2]", "[] []"] {
            assert!(elements(json).is_err(), "{json}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let json = format!("{{\"a\":{deep}}}");
        assert_eq!(members(&json).unwrap(), [("a".to_owned(), deep.as_str())]);
        assert_eq!(elements(&deep).unwrap().len(), 1);
    }
}
