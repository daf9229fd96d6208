//! Words and figures of the contract as people say them.

use callout_testkit::scenario::Exchange;
use jiff::{Timestamp, Zoned, tz::TimeZone};

/// `quality_office` is the quality office.
pub fn plain(word: &str) -> String {
    word.replace('_', " ")
}

/// Several of them.
pub fn list(words: &[String]) -> String {
    words.iter().map(|word| plain(word)).collect::<Vec<_>>().join(", ")
}

/// `lin (quality office)`; whoever opened the sandbox is its owner.
pub fn person(exchange: &Exchange<'_>) -> String {
    match (exchange.by, exchange.roles) {
        ("", _) => "the owner".to_owned(),
        (by, []) => by.to_owned(),
        (by, roles) => format!("{by} ({})", list(roles)),
    }
}

/// The service of a package, `callout.intake.v1`.
pub fn service(package: &str) -> &str {
    package.split('.').nth(1).unwrap_or(package)
}

/// `Sun 12 Apr, 08:40`; the last second of a day is its end.
pub fn civil(at: &Zoned) -> String {
    let is_end = (at.hour(), at.minute(), at.second()) == (23, 59, 59);
    at.strftime(if is_end { "the end of %a %-d %b" } else { "%a %-d %b, %H:%M" }).to_string()
}

/// The civil time of an instant of the contract.
pub fn zoned(at: Option<&prost_types::Timestamp>, zone: &TimeZone) -> Option<Zoned> {
    let at = at?;
    Timestamp::new(at.seconds, at.nanos).ok().map(|at| at.to_zoned(zone.clone()))
}

/// An amount of a limit: `4wh` are 4 working hours.
pub fn amount(amount: &str) -> String {
    let digits = amount.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = amount.split_at(digits);
    let unit = match unit {
        "min" => "minute",
        "h" => "hour",
        "wh" => "working hour",
        "d" => "day",
        "wd" => "working day",
        "mo" => "month",
        "y" => "year",
        _ => return amount.to_owned(),
    };
    count(number, unit)
}

/// The largest unit of a span that is at least one: `20 minutes`, `3 hours`.
pub fn about(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        172_800.. => (seconds / 86_400, "day"),
    };
    count(&number.to_string(), unit)
}

fn count(number: &str, unit: &str) -> String {
    if number == "1" { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// `WorkOrder` is a work order.
pub fn of_camel_case(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// The word of an enum's value without the enum's own name: `STATE_ON_SITE` of `State` is `on site`.
pub fn of_enum(value: &str, of: &str) -> String {
    let prefix = of_camel_case(of).replace(' ', "_").to_uppercase();
    let word = value.strip_prefix(&prefix).map_or(value, |rest| rest.trim_start_matches('_'));
    plain(&word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_in_full() {
        for (amount_of_pack, said) in [
            ("4wh", "4 working hours"),
            ("1d", "1 day"),
            ("3wd", "3 working days"),
            ("1mo", "1 month"),
            ("P1D", "P1D"),
            ("", ""),
        ] {
            assert_eq!(amount(amount_of_pack), said);
        }
    }

    #[test]
    fn the_last_second_of_a_day_is_its_end() {
        let at = |text: &str| civil(&text.parse::<Zoned>().unwrap());
        assert_eq!(at("2026-04-16T23:59:59[Asia/Shanghai]"), "the end of Thu 16 Apr");
        assert_eq!(at("2026-04-12T08:40:00[Asia/Shanghai]"), "Sun 12 Apr, 08:40");
    }

    #[test]
    fn names_of_the_contract_become_words() {
        assert_eq!(of_camel_case("WorkOrder"), "work order");
        assert_eq!(of_enum("QUOTE_STATE_OPEN", "QuoteState"), "open");
        assert_eq!(of_enum("STATE_ON_SITE", "State"), "on site");
        assert_eq!(service("callout.intake.v1"), "intake");
    }

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        for (seconds, said) in [(1, "1 second"), (1_200, "20 minutes"), (10_800, "3 hours"), (200_000, "2 days")] {
            assert_eq!(about(seconds), said);
        }
    }
}
