//! What the requests of several nouns have in common.

use callout_kit::{Text, Violations};

/// Characters that the subject of a person may have.
pub const LONGEST_PERSON: usize = 200;

/// Notes a text that has more than `most` characters.
pub fn at_most(violations: &mut Violations, field: &str, text: &str, most: usize) {
    if text.chars().count() > most {
        let fault = Text::new(format!("must have {most} characters at most"), format!("最多 {most} 个字符"));
        violations.add(field, fault);
    }
}
