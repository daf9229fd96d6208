//! Who a token says its bearer is, and how the services say who they are to one another.
//!
//! A token is a JWT signed by `EdDSA` or ES256 for the audience `callout`. The suite's own services call one another with
//! a token of their own issuer, which carries the caller on whose behalf they call. Tokens of sandboxes are of a third
//! issuer, whose key is no key to anything that is real.

use serde::{Deserialize, Serialize};

mod development;
mod keys;
mod signer;
mod verifier;

pub use development::DevelopmentIssuer;
pub use signer::Signer;
pub use verifier::{Verified, Verifier};

/// The audience of every token, the `aud` claim.
pub const AUDIENCE: &str = "callout";

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// Seconds since 1970, like the two that follow.
    iat: i64,
    nbf: i64,
    exp: i64,
    org: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
}
