//! Generated files are those that the code generates. To write them anew, run the test with `CALLOUT_BLESS=1`.

use std::{fs, path::Path};

use callout_regulation::{Library, rule_table, schema, vocabulary::vocabulary_reference};

fn assert_fresh(file: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("CALLOUT_BLESS").is_some() {
        fs::write(&path, generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "{file} is stale: write it anew with CALLOUT_BLESS=1");
}

#[test]
fn the_rule_tables_are_those_of_the_packs() {
    for regulation in Library::built_in().unwrap().iter() {
        assert_fresh(&format!("packs/{}.md", regulation.pack().pack), &rule_table(regulation));
    }
}

#[test]
fn the_schema_is_that_of_the_types() {
    assert_fresh("pack.schema.json", &format!("{:#}\n", schema().as_value()));
}

#[test]
fn the_vocabulary_reference_is_that_of_the_words() {
    assert_fresh("VOCABULARY.md", &vocabulary_reference());
}
