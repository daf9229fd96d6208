//! The table of states in the README, which tests hold the code to.

/// The rows of a noun: step, state from, state to.
pub fn table(noun: &str) -> Vec<[&'static str; 3]> {
    let rows = include_str!("../README.md").lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match cells.as_slice() {
            &[of, step, from, to] if of == noun => Some([step, from, to]),
            _ => None,
        }
    });
    rows.collect()
}

/// What the table says of a step from a state: where it leads, and the states that allow it.
pub fn row(noun: &str, step: &str, from: &str) -> (Option<&'static str>, Vec<&'static str>) {
    let rows: Vec<_> = table(noun).into_iter().filter(|[of, ..]| *of == step).collect();
    let to = rows.iter().find(|[_, state, _]| *state == from).map(|[_, _, to]| *to);
    (to, rows.into_iter().map(|[_, state, _]| state).collect())
}
