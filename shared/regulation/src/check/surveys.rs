//! Surveys and reports of work.

use super::Checker;
use crate::source::member;

impl Checker<'_> {
    pub(super) fn surveys(&mut self) {
        let pack = self.pack;
        for (id, survey) in &pack.surveys {
            let path = member("surveys", id);
            self.cites(&path, &survey.rule, &survey.also);
            self.roles(&member(&path, "sent_by"), &survey.sent_by);
            if let Some(register) = &survey.register {
                let path = member(&path, "register");
                self.cites(&path, &register.rule, &[]);
                self.roles(&member(&path, "by"), &register.by);
            }
            for (criterion, entry) in &survey.criteria {
                self.cites(&member(&member(&path, "criteria"), criterion), &entry.rule, &[]);
            }
            if survey.criteria.is_empty() {
                self.report(&member(&path, "criteria"), "name at least one".to_owned());
            }
            if survey.degrees < 2 {
                self.report(&member(&path, "degrees"), "there are two degrees at least".to_owned());
            }
        }
        for (id, class) in &pack.work_classes {
            self.cites(&member("work_classes", id), &class.rule, &[]);
        }
        for (id, report) in &pack.work_reports {
            let path = member("work_reports", id);
            self.cites(&path, &report.rule, &report.also);
            self.roles(&member(&path, "by"), &report.by);
            self.roles(&member(&path, "to"), &report.to);
            if let Some(signed) = &report.signed {
                self.cites(&member(&path, "signed"), &signed.rule, &[]);
                self.roles(&member(&member(&path, "signed"), "by"), &signed.by);
            }
            let Some(other) = &report.adds_up else { continue };
            let path = member(&path, "adds_up");
            self.one_of(&path, "report", other, pack.work_reports.keys());
            if pack.work_reports.get(other).is_some_and(|other| other.adds_up.is_some()) {
                self.report(&path, format!("`{other}` has no entries of its own"));
            }
        }
    }
}
