//! `--claim name=text` and `--claim name:=JSON`.

use serde::de::IgnoredAny;

use crate::{failure::Failure, json};

/// Returns the name and the JSON of the value. The first `=` splits.
pub(crate) fn parse(text: &str) -> Result<(&str, String), Failure> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Failure::misuse("--claim expects name=text or name:=JSON"));
    };
    let (name, value) = match name.strip_suffix(':') {
        Some(name) => {
            serde_json::from_str::<IgnoredAny>(value).map_err(|error| {
                Failure::misuse(format!("--claim {name}: the value after := is not JSON: {error}"))
            })?;
            (name, value.trim().to_owned())
        }
        None => (name, json::text(value)?),
    };
    if name.is_empty() {
        return Err(Failure::misuse("--claim: the name before the = is missing"));
    }
    Ok((name, value))
}
