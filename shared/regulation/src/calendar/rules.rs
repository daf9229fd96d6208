//! How a regulation counts time: the `calendar` section of a pack.

use jiff::civil::{Time, time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Day, WorkingDays, WorkingWindows};

/// How a regulation counts time. What a pack leaves out is counted in the ordinary Chinese civil way. Source: R01 A1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CountingRules {
    /// The days of the week that are worked.
    pub working_days: WorkingDays,
    /// The windows of each working day, without breaks; `["00:00-24:00"]` with all seven days is round the clock.
    pub working_windows: WorkingWindows,
    /// Whether the organisation's holidays are days off.
    pub public_holidays: PublicHolidays,
    /// What a day is in limits of days (`d`).
    pub day_limits: DayLimits,
    /// Whether the day of the event is the first day in limits of days, working days, months and years.
    pub start_day: StartDay,
    /// The last second in time of the last day of such a limit, by the clock on the wall.
    pub end_of_day: Time,
    /// What happens to a limit of days, months or years that ends on a day off.
    pub day_off: DayOff,
    /// On which day of the final month a limit of months or years ends.
    pub month_limits: MonthLimits,
    /// Whether an act at the very limit is in time, for limits that end at a moment and not with a day.
    pub boundary: Boundary,
}

/// Whether the organisation's holidays are days off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicHolidays {
    /// Holidays are off and make-up days are worked.
    #[default]
    Off,
    /// Every week is like every other, as in a service round the clock.
    Worked,
}

/// What a day is in limits of days (`d`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayLimits {
    /// A date: the limit ends with the last of them.
    #[default]
    Dates,
    /// 24 elapsed hours, counted from the event: the limit ends at a moment. Source: R20-01.
    #[serde(rename = "spans_of_24h")]
    SpansOf24h,
}

/// Whether the day of the event counts as the first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartDay {
    /// The next day is the first.
    #[default]
    Excluded,
    /// It is the first, unless a limit of working days begins on a day off.
    Included,
}

/// What happens to a limit of days, months or years that ends on a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayOff {
    /// It ends there.
    #[default]
    Stays,
    /// It ends on the next working day. Never applied to what is counted backwards.
    NextWorkingDay,
}

/// On which day of the final month a limit of months or years ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MonthLimits {
    /// On the same day number, or on the month's last day where it has no such number.
    #[default]
    SameDayNumberOrLastDay,
    /// On the month's last day, whatever the day of the event.
    LastDay,
}

/// Whether an act at the very limit is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// It is in time; one second more is late.
    #[default]
    Inclusive,
    /// It is late; the last second in time is the one before.
    Exclusive,
}

impl Default for CountingRules {
    fn default() -> Self {
        Self {
            working_days: [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri].into_iter().collect(),
            working_windows: WorkingWindows::office_hours(),
            public_holidays: PublicHolidays::default(),
            day_limits: DayLimits::default(),
            start_day: StartDay::default(),
            end_of_day: time(23, 59, 59, 0),
            day_off: DayOff::default(),
            month_limits: MonthLimits::default(),
            boundary: Boundary::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_section_counts_as_r01_a1_does() {
        let rules: CountingRules = serde_json::from_str("{}").unwrap();
        assert_eq!(rules, CountingRules::default());
        assert_eq!(
            serde_json::to_value(&rules).unwrap(),
            serde_json::json!({
                "working_days": ["mon", "tue", "wed", "thu", "fri"],
                "working_windows": ["08:00-12:00", "13:00-17:00"],
                "public_holidays": "off",
                "day_limits": "dates",
                "start_day": "excluded",
                "end_of_day": "23:59:59",
                "day_off": "stays",
                "month_limits": "same_day_number_or_last_day",
                "boundary": "inclusive",
            })
        );
    }

    #[test]
    fn every_option_is_read_from_a_pack() {
        let text = r#"{
            "working_days": ["mon", "tue", "wed", "thu", "fri", "sat"],
            "working_windows": ["08:30-17:30"],
            "public_holidays": "worked",
            "day_limits": "spans_of_24h",
            "start_day": "included",
            "end_of_day": "17:30:00",
            "day_off": "next_working_day",
            "month_limits": "last_day",
            "boundary": "exclusive"
        }"#;
        let rules: CountingRules = serde_json::from_str(text).unwrap();
        assert_eq!(rules.end_of_day, time(17, 30, 0, 0));
        assert_eq!(rules.day_limits, DayLimits::SpansOf24h);
        assert_eq!(rules.month_limits, MonthLimits::LastDay);
        assert_eq!(rules.day_off, DayOff::NextWorkingDay);
        assert_eq!((rules.start_day, rules.boundary), (StartDay::Included, Boundary::Exclusive));
        assert_eq!(rules.public_holidays, PublicHolidays::Worked);
        assert_eq!(rules.working_windows.as_slice(), ["08:30-17:30".parse().unwrap()]);
    }

    #[test]
    fn an_unknown_word_is_refused_and_the_known_ones_are_named() {
        let refuse = |text: &str| serde_json::from_str::<CountingRules>(text).unwrap_err().to_string();
        assert!(refuse(r#"{"working_hours": 8}"#).contains("working_windows"));
        assert!(refuse(r#"{"boundary": "strict"}"#).contains("exclusive"));
        assert!(refuse(r#"{"working_windows": ["22:00-06:00"]}"#).contains("divide it at midnight"));
    }
}
