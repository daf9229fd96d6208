//! Lists, page by page: keyset paging with opaque tokens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use callout_contract::Call;
use callout_kit::{Error, Text, Violations};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

/// Rows on a page when the caller does not say.
const DEFAULT_SIZE: i32 = 50;

/// Rows on a page at most, whatever the caller says.
const LARGEST_SIZE: i32 = 1000;

/// Bytes of the token that stand for the filter.
const FINGERPRINT: usize = 8;

/// One page of a list that is ordered by a key `K`: a tuple of the columns that the list is ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<K> {
    size: usize,
    after: Option<K>,
    filter: [u8; FINGERPRINT],
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Reads the paging fields of a request: 0 means 50 rows, more than 1000 means 1000.
    ///
    /// `filter` is all that decides which rows of a method's list are in it and in which order, parent included: a token
    /// goes on with the same list only.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a negative `page_size`, and for a `page_token` that is not from the last page of this list.
    pub fn of<R: Call>(_: &R, page_size: i32, page_token: &str, filter: &impl Serialize) -> Result<Self, Error> {
        let filter = fingerprint(&(R::METHOD, filter))?;
        let mut violations = Violations::default();
        let size = violations.take("page_size", size(page_size));
        let after = violations.take("page_token", after(page_token, filter));
        match (size, after) {
            (Some(size), Some(after)) => Ok(Self { size, after, filter }),
            _ => Err(violations.into_error()),
        }
    }

    /// The key of the last row that the caller has; the page begins after it, or with the first row.
    #[must_use]
    pub fn after(&self) -> Option<&K> {
        self.after.as_ref()
    }

    /// Rows to select: one more than the page has, to see whether there is another page.
    #[must_use]
    pub fn limit(&self) -> i64 {
        i64::try_from(self.size + 1).unwrap_or(i64::MAX)
    }

    /// The rows of the page out of those selected, and the `next_page_token`, empty on the last page.
    ///
    /// # Errors
    /// [`Error::Internal`] when the key cannot be written as JSON.
    pub fn finish<T>(&self, mut rows: Vec<T>, key: impl FnOnce(&T) -> K) -> Result<(Vec<T>, String), Error> {
        if rows.len() <= self.size {
            return Ok((rows, String::new()));
        }
        rows.truncate(self.size);
        let Some(last) = rows.last() else { return Ok((rows, String::new())) };
        let mut token = self.filter.to_vec();
        serde_json::to_writer(&mut token, &key(last)).map_err(|error| Error::Internal(error.into()))?;
        Ok((rows, URL_SAFE_NO_PAD.encode(token)))
    }
}

fn size(page_size: i32) -> Result<usize, Text> {
    let size = if page_size == 0 { DEFAULT_SIZE } else { page_size.min(LARGEST_SIZE) };
    usize::try_from(size).map_err(|_| Text::new("must not be negative", "不得为负数"))
}

fn after<K: DeserializeOwned>(page_token: &str, filter: [u8; FINGERPRINT]) -> Result<Option<K>, Text> {
    if page_token.is_empty() {
        return Ok(None);
    }
    let read = || {
        let token = URL_SAFE_NO_PAD.decode(page_token).ok()?;
        let key = token.strip_prefix(&filter)?;
        serde_json::from_slice(key).ok()
    };
    let key = read().ok_or_else(|| {
        Text::new(
            "is no next_page_token of this list with this filter and order",
            "不是此列表（相同筛选与排序）返回的 next_page_token",
        )
    })?;
    Ok(Some(key))
}

fn fingerprint(filter: &impl Serialize) -> Result<[u8; FINGERPRINT], Error> {
    let filter = serde_json::to_vec(filter).map_err(|error| Error::Internal(error.into()))?;
    let mut fingerprint = [0; FINGERPRINT];
    fingerprint.copy_from_slice(&Sha256::digest(filter)[..FINGERPRINT]);
    Ok(fingerprint)
}

#[cfg(test)]
mod tests {
    use callout_contract::intake::v1 as pb;

    use super::*;

    type Key = (String, u32);

    const OPEN_CASES: (&str, &str) = ("organizations/acme", "state = OPEN");

    fn page(size: i32, token: &str) -> Page<Key> {
        cases(size, token, &OPEN_CASES).unwrap()
    }

    fn cases(size: i32, token: &str, filter: &(&str, &str)) -> Result<Page<Key>, Error> {
        Page::of(&pb::ListCasesRequest::default(), size, token, filter)
    }

    fn rows(count: u32) -> Vec<Key> {
        (0..count).map(|at| ("2026-03-06".to_owned(), at)).collect()
    }

    fn refused_field(refusal: Result<Page<Key>, Error>) -> String {
        match refusal {
            Err(Error::Invalid(violations)) => violations[0].field.clone(),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn no_size_means_fifty_and_a_large_one_a_thousand() {
        assert_eq!(page(0, "").limit(), 51);
        assert_eq!(page(1, "").limit(), 2);
        assert_eq!(page(1000, "").limit(), 1001);
        assert_eq!(page(1001, "").limit(), 1001);
    }

    #[test]
    fn a_negative_size_is_refused() {
        assert_eq!(refused_field(cases(-1, "", &OPEN_CASES)), "page_size");
    }

    #[test]
    fn the_token_goes_on_after_the_last_row_of_the_page() {
        let (shown, token) = page(2, "").finish(rows(3), Clone::clone).unwrap();
        assert_eq!(shown, rows(2));
        assert_eq!(page(2, &token).after(), Some(&rows(2)[1]));
    }

    #[test]
    fn the_last_page_has_no_token() {
        assert_eq!(page(2, "").finish(rows(2), Clone::clone).unwrap(), (rows(2), String::new()));
        assert_eq!(page(2, "").finish(Vec::new(), Clone::clone).unwrap(), (Vec::new(), String::new()));
    }

    #[test]
    fn a_token_of_another_methods_list_is_refused() {
        let (_, token) = page(2, "").finish(rows(3), Clone::clone).unwrap();
        let customers = pb::ListCustomersRequest::default();
        assert_eq!(refused_field(Page::of(&customers, 2, &token, &OPEN_CASES)), "page_token");
    }

    #[test]
    fn a_token_of_another_filter_or_with_other_bytes_is_refused() {
        let (_, token) = page(2, "").finish(rows(3), Clone::clone).unwrap();
        assert_eq!(refused_field(cases(2, &token, &("organizations/acme", "state = CLOSED"))), "page_token");
        assert_eq!(refused_field(cases(2, "AAAA", &OPEN_CASES)), "page_token");
        assert_eq!(refused_field(cases(2, "not base64!", &OPEN_CASES)), "page_token");
    }
}
