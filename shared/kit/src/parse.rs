//! Small parsers for fields that many requests have. Each says in its fault what would be right.

use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::text::Text;

/// Characters that the id of a resource may have at most.
const LONGEST_ID: usize = 128;

/// Decimal places that money may have: the minor units of the currencies with the smallest ones.
const MONEY_PLACES: u32 = 4;

/// The ids in a resource name whose collections are `collections`, in order.
///
/// ```
/// let [org, case] = callout_kit::parse::name("organizations/acme/cases/7", ["organizations", "cases"])?;
/// assert_eq!((org, case), ("acme", "7"));
/// # Ok::<(), callout_kit::Text>(())
/// ```
///
/// # Errors
/// What is wrong with it.
pub fn name<'a, const N: usize>(value: &'a str, collections: [&str; N]) -> Result<[&'a str; N], Text> {
    let fault = || {
        let form: Vec<String> = collections.iter().map(|collection| format!("{collection}/{{id}}")).collect();
        let form = form.join("/");
        Text::new(format!("must be a name such as {form}"), format!("必须是资源名称，格式为 {form}"))
    };
    let mut ids = [""; N];
    let mut parts = value.split('/');
    for (collection, id) in collections.iter().zip(&mut ids) {
        if parts.next() != Some(*collection) {
            return Err(fault());
        }
        *id = parts.next().filter(|id| is_id(id)).ok_or_else(fault)?;
    }
    if parts.next().is_some() {
        return Err(fault());
    }
    Ok(ids)
}

/// Ids are letters, digits and `-._~`; a lone `-` stands for all resources and is no id.
fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id != "-"
        && id.chars().all(|character| character.is_ascii_alphanumeric() || "-._~".contains(character))
}

/// The `request_id` of a write: a UUID other than nil.
///
/// # Errors
/// What is wrong with it.
pub fn request_id(value: &str) -> Result<Uuid, Text> {
    if value.is_empty() {
        return Err(Text::new(
            "is required: a UUID, the same for each repetition of the call",
            "必填：UUID，重试同一调用时保持不变",
        ));
    }
    uuid(value)
}

/// A UUID other than nil.
///
/// # Errors
/// What is wrong with it.
pub fn uuid(value: &str) -> Result<Uuid, Text> {
    match Uuid::parse_str(value) {
        Ok(id) if !id.is_nil() => Ok(id),
        Ok(_) | Err(_) => Err(Text::new("must be a UUID other than nil", "必须是非空 UUID")),
    }
}

/// An instant as it came over the wire.
///
/// # Errors
/// What is wrong with it: nanoseconds outside 0 to 999,999,999, or a date outside the years 1 to 9999.
pub fn timestamp(value: prost_types::Timestamp) -> Result<Timestamp, Text> {
    let valid_nanos = (0..1_000_000_000).contains(&value.nanos);
    let oldest = Timestamp::from_second(-62_135_596_800).unwrap_or(Timestamp::MIN);
    valid_nanos
        .then(|| Timestamp::new(value.seconds, value.nanos).ok())
        .flatten()
        .filter(|instant| *instant >= oldest)
        .ok_or_else(|| Text::new("must be an instant in the years 1 to 9999", "必须是公元 1 至 9999 年内的时间"))
}

/// An instant as it goes over the wire.
#[must_use]
pub fn to_timestamp(instant: Timestamp) -> prost_types::Timestamp {
    // The wire wants nanoseconds counted forward, also before 1970.
    let nanoseconds = instant.as_nanosecond();
    let seconds = nanoseconds.div_euclid(1_000_000_000);
    let nanos = nanoseconds.rem_euclid(1_000_000_000);
    prost_types::Timestamp {
        seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
        nanos: i32::try_from(nanos).unwrap_or(0),
    }
}

/// A decimal number written out, such as `1480.00` or `-3`; no exponent, no separators, no sign `+`.
///
/// # Errors
/// What is wrong with it.
pub fn decimal(value: &str) -> Result<Decimal, Text> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let plain = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.ends_with(|last: char| last.is_ascii_digit())
        && digits.chars().all(|character| character.is_ascii_digit() || character == '.');
    plain
        .then(|| Decimal::from_str_exact(value).ok())
        .flatten()
        .ok_or_else(|| Text::new("must be a decimal number such as 1480.00", "必须是十进制数，例如 1480.00"))
}

/// An amount of money, zero or more, with four decimal places at most.
///
/// # Errors
/// What is wrong with it.
pub fn amount(value: &str) -> Result<Decimal, Text> {
    let amount = decimal(value)?;
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(Text::new("must not be negative", "不能为负数"));
    }
    if amount.normalize().scale() > MONEY_PLACES {
        return Err(Text::new("must have four decimal places at most", "最多四位小数"));
    }
    Ok(amount)
}

/// A civil date written as `2026-03-06`.
///
/// # Errors
/// What is wrong with it.
pub fn date(value: &str) -> Result<jiff::civil::Date, Text> {
    jiff::civil::Date::from_str(value)
        .ok()
        .filter(|date| date.to_string() == value)
        .ok_or_else(|| Text::new("must be a date such as 2026-03-06", "必须是日期，例如 2026-03-06"))
}

/// A value of a proto enum that is neither unspecified nor unknown.
///
/// # Errors
/// What is wrong with it.
pub fn enumeration<E: TryFrom<i32>>(value: i32) -> Result<E, Text> {
    let fault = || Text::new("must be one of the values of the enumeration", "必须是枚举中的有效值");
    if value == 0 {
        return Err(fault());
    }
    E::try_from(value).map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_gives_its_ids_and_any_other_form_is_refused() {
        let collections = ["organizations", "cases"];
        assert_eq!(name("organizations/acme/cases/C-7.1", collections).unwrap(), ["acme", "C-7.1"]);
        for wrong in [
            "",
            "organizations/acme",
            "organizations/acme/cases",
            "organizations/acme/cases/",
            "organizations//cases/7",
            "organizations/-/cases/7",
            "organizations/acme/cases/7/records/1",
            "/organizations/acme/cases/7",
            "organizations/acme/orders/7",
            "organizations/a b/cases/7",
        ] {
            assert!(name(wrong, collections).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_request_id_is_a_uuid_other_than_nil() {
        assert!(request_id("0190a5f0-7b1c-7c3e-9f00-000000000001").is_ok());
        for wrong in ["", "7", "00000000-0000-0000-0000-000000000000"] {
            assert!(request_id(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn money_is_exact_and_keeps_its_places() {
        assert_eq!(amount("1480.00").unwrap().to_string(), "1480.00");
        for wrong in
            ["", "1,480", "1e3", "-1", "+1", ".5", "5.", "1.00001", "NaN", "1_000", "99999999999999999999999999999999"]
        {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
        assert_eq!(decimal("-3.5").unwrap().to_string(), "-3.5");
    }

    #[test]
    fn instants_outside_the_range_of_the_wire_are_refused() {
        for (seconds, nanos) in [(0, -1), (0, 1_000_000_000), (i64::MAX, 0), (-62_135_596_801, 0)] {
            assert!(timestamp(prost_types::Timestamp { seconds, nanos }).is_err(), "{seconds} {nanos}");
        }
    }

    #[test]
    fn dates_are_written_out() {
        assert!(date("2026-03-06").is_ok());
        for wrong in ["2026-3-6", "20260306", "2026-02-30", "2026-03-06T10:00"] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_survives_the_wire(seconds in -62_135_596_800_i64..253_402_207_200, nanos in 0..1_000_000_000_i32) {
            let wire = prost_types::Timestamp { seconds, nanos };
            prop_assert_eq!(to_timestamp(timestamp(wire).unwrap()), wire);
        }
    }
}
