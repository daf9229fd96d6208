//! Records that are bound into volumes.

use super::Checker;
use crate::{pack::Binding, source::member};

impl<'a> Checker<'a> {
    pub(super) fn archives(&mut self) {
        for (id, kept) in &self.pack.retention.kept {
            let path = member(&member("retention.kept", id), "bound");
            if let Some(setting) = &kept.term_set {
                let path = member(&member("retention.kept", id), "term_set");
                self.one_of(&path, "setting", setting, self.pack.settings.keys());
                if kept.term.is_some() {
                    self.report(&path, "the term is stated twice; give `term` or `term_set`".to_owned());
                }
            }
            if let Some(binding) = &kept.bound {
                self.binding(&path, binding);
            }
        }
    }

    fn binding(&mut self, path: &str, binding: &'a Binding) {
        self.roles(&member(path, "by"), &binding.by);
        self.roles(&member(path, "to"), &binding.to);
        let Some(id) = &binding.routine else { return };
        let path = member(path, "routine");
        self.one_of(&path, "routine", id, self.pack.routines.keys());
        if let Some(routine) = self.pack.routines.get(id)
            && routine.period != Some(binding.period)
        {
            self.report(&path, format!("`{id}` does not recur in the period of a volume"));
        }
    }
}
