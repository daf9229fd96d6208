//! Who calls, and by what token.

use std::sync::LazyLock;

use callout_kit::{Caller, Language, clock, identity::DevelopmentIssuer, permissions::Permissions};
use tonic::Request;

use super::LAB;

pub static ISSUER: LazyLock<DevelopmentIssuer> = LazyLock::new(|| DevelopmentIssuer::new().unwrap());

pub fn caller(subject: &str, roles: &[&str]) -> Caller {
    Caller {
        organization: LAB.to_owned(),
        subject: subject.to_owned(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        agency: None,
        service: None,
        language: Language::default(),
        permissions: Permissions::default(),
    }
}

/// A call by somebody.
#[expect(clippy::needless_pass_by_value, reason = "a caller is made for one call")]
pub fn from<R>(caller: Caller, request: R) -> Request<R> {
    let mut request = Request::new(request);
    let token = ISSUER.token(&caller, clock::system_now()).unwrap();
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// A call by somebody in a role.
pub fn by<R>(subject: &str, role: &str, request: R) -> Request<R> {
    from(caller(subject, &[role]), request)
}

/// A call by the desk.
pub fn desk<R>(request: R) -> Request<R> {
    by("lin", "quality_office", request)
}

/// A call by the administrator of the organisation that owns the sandbox.
pub fn owner<R>(request: R) -> Request<R> {
    from(Caller { organization: "acme".to_owned(), ..caller("root", &["administrator"]) }, request)
}
