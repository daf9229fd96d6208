//! A pack that extends another one: JSON merge patch (RFC 7386), positions included.

use serde_json::{Map, Value};

use super::{Document, member};

impl Document {
    /// This document with a patch applied: mappings merge, `null` removes, everything else is replaced.
    pub(super) fn patched_by(mut self, patch: Self) -> Self {
        let mut replaced = Vec::new();
        merge(&mut self.value, patch.value, "", &mut replaced);
        let stale = |path: &str| {
            replaced.iter().any(|root: &String| {
                path.strip_prefix(root.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        };
        self.positions.retain(|path, _| !stale(path));
        self.positions.extend(patch.positions);
        self.file = patch.file;
        self
    }
}

/// Applies a patch; `replaced` collects the paths below which nothing of the target remains.
fn merge(target: &mut Value, changes: Value, path: &str, replaced: &mut Vec<String>) {
    let Value::Object(changes) = changes else {
        replaced.push(path.to_owned());
        *target = changes;
        return;
    };
    if !target.is_object() {
        replaced.push(path.to_owned());
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in changes {
        let path = member(path, &key);
        if value.is_null() {
            target.shift_remove(&key);
            replaced.push(path);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value, &path, replaced);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn patched(mut target: Value, patch: Value) -> Value {
        merge(&mut target, patch, "", &mut Vec::new());
        target
    }

    #[test]
    fn the_examples_of_rfc_7386_hold() {
        for (target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            assert_eq!(patched(target.clone(), patch.clone()), result, "{target} + {patch}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z]{0,5}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-c]", inner, 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_empty_patch_changes_nothing(entries in proptest::collection::btree_map("[a-d]", any_value(), 0..5)) {
            let target = Value::Object(entries.into_iter().collect());
            prop_assert_eq!(patched(target.clone(), json!({})), target);
        }

        #[test]
        fn the_same_patch_twice_is_the_same_as_once(target in any_value(), patch in any_value()) {
            let once = patched(target, patch.clone());
            prop_assert_eq!(patched(once.clone(), patch), once);
        }
    }
}
