//! Any text is read, and any value written, as `serde_json` alone would do it; `tests/json.rs` has the
//! same for chosen values.

#[path = "../support/any_type.rs"]
mod any_type;

use std::collections::BTreeMap;

use any_type::{NAMES, VALUES, check_as_all_types, check_written};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    sample::select,
};

fn spaces() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just(""), 1 => select(vec![" ", "\t\r\n ", "\u{b}", "\u{a0}"])]
}

/// JSON as often as not.
fn text() -> impl Strategy<Value = String> {
    let leaf = (spaces(), select(VALUES.to_vec()), spaces())
        .prop_map(|(before, value, behind)| [before, value, behind].concat());
    leaf.prop_recursive(4, 24, 4, |inner| {
        let end = prop_oneof![12 => Just(""), 1 => Just(","), 1 => Just(" 1"), 1 => Just("}")];
        let member = (spaces(), select(NAMES.to_vec()), spaces(), inner.clone())
            .prop_map(|(before, name, behind, value)| [before, name, behind, ":", &value].concat());
        let list = (vec(inner.clone(), 0..4), end.clone())
            .prop_map(|(elements, end)| format!("[{}{end}]", elements.join(",")));
        let object = (vec(member, 0..4), end)
            .prop_map(|(members, end)| format!("{{{}{end}}}", members.join(",")));
        prop_oneof![list, object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_as_any_type(text in text()) {
        check_as_all_types(&text);
    }

    #[test]
    fn any_string_and_number_is_written(
        text in ".{0,40}",
        control in "[\\x00-\\x7f]{0,20}",
        integer in any::<i64>(),
        float in any::<f64>(),
        single in any::<f32>(),
        map in btree_map("[a-z\\x00-\\x23\\\\]{0,9}", any::<u32>(), 0..6),
    ) {
        check_written(&(&text, &control, integer, float, single, &map));
        check_written(&map);
        check_written(&BTreeMap::from([(control, text)]));
    }
}
