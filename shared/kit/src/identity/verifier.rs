//! Believes tokens, or not.

use jsonwebtoken::{Validation, errors::ErrorKind};
use serde::Deserialize;

use super::{AUDIENCE, Claims, DevelopmentIssuer, keys::Keys};
use crate::{Caller, Error, Language, permissions::Permissions, settings};

/// Clocks of two machines may differ by this many seconds.
const LEEWAY_S: u64 = 10;

/// Longest token that is looked at; ours are a tenth of that.
const LONGEST_TOKEN: usize = 8 * 1024;

/// Knows the issuers whose tokens are believed.
pub struct Verifier {
    issuers: Vec<TrustedIssuer>,
}

struct TrustedIssuer {
    name: String,
    keys: Keys,
    vouches_for: VouchesFor,
}

/// Whose tokens an issuer may sign.
#[derive(Clone, Copy, PartialEq, Eq)]
enum VouchesFor {
    /// People and programs outside the suite.
    Callers,
    /// The suite's own services.
    Services,
    /// People and programs that try the suite in a sandbox.
    Sandboxes,
    /// Both, in development.
    Anybody,
}

/// Who a token that holds stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Without permissions and in the default language: neither is the token's to say.
    pub caller: Caller,
    /// Whether the issuer is believed for sandboxes only. Whoever knows what the caller's organisation is refuses the
    /// token for any other.
    pub in_sandbox_only: bool,
}

#[derive(Deserialize)]
struct IssuerOnly {
    iss: String,
}

impl Verifier {
    /// Believes the issuers in the settings, and no other.
    ///
    /// # Errors
    /// When a key set cannot be read.
    pub fn new(settings: &settings::Identity) -> anyhow::Result<Self> {
        let named = [
            (&settings.issuer, VouchesFor::Callers),
            (&settings.services, VouchesFor::Services),
            (&settings.sandboxes, VouchesFor::Sandboxes),
        ];
        let mut issuers = Vec::new();
        for (issuer, vouches_for) in named {
            if let Some(settings::Issuer { name, keys }) = issuer {
                issuers.push(TrustedIssuer { name: name.clone(), keys: Keys::from_file(keys.clone())?, vouches_for });
            }
        }
        Ok(Self { issuers })
    }

    /// Believes the development issuer too.
    ///
    /// # Errors
    /// When its key cannot be used, which does not happen.
    pub fn and_development(mut self, issuer: &DevelopmentIssuer) -> anyhow::Result<Self> {
        self.issuers.push(TrustedIssuer {
            name: DevelopmentIssuer::NAME.to_owned(),
            keys: Keys::fixed(&issuer.public_key)?,
            vouches_for: VouchesFor::Anybody,
        });
        Ok(self)
    }

    /// The caller that `token` stands for.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], saying what does not hold.
    pub fn verify(&self, token: &str) -> Result<Verified, Error> {
        let refuse = |why| Error::Unauthenticated { why };
        if token.len() > LONGEST_TOKEN {
            return Err(refuse("it is too long"));
        }
        // What is read here is not believed yet: it says by which key the token is to be checked.
        let header = jsonwebtoken::decode_header(token).map_err(|_| refuse("it is no token that is accepted here"))?;
        let claimed: IssuerOnly =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| refuse("it names no issuer"))?;
        let issuer = self.issuers.iter().find(|issuer| issuer.name == claimed.iss);
        let issuer = issuer.ok_or_else(|| refuse("its issuer is not trusted here"))?;
        let key_id = header.kid.ok_or_else(|| refuse("it names no key"))?;
        let key = issuer.keys.find(&key_id).ok_or_else(|| refuse("its key is not known"))?;

        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&issuer.name]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_S;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation)
            .map_err(|fault| refuse(reason(fault.kind())))?
            .claims;

        match (issuer.vouches_for, &claims.service) {
            (VouchesFor::Callers | VouchesFor::Sandboxes, Some(_)) => {
                return Err(refuse("its issuer may not sign for services"));
            }
            (VouchesFor::Services, None) => return Err(refuse("its issuer signs for services only")),
            (VouchesFor::Callers | VouchesFor::Sandboxes, None)
            | (VouchesFor::Services, Some(_))
            | (VouchesFor::Anybody, _) => {}
        }
        if claims.org.is_empty() || (claims.org == Caller::EVERY_ORGANIZATION && claims.service.is_none()) {
            return Err(refuse("it names no organisation"));
        }
        let caller = Caller {
            organization: claims.org,
            subject: claims.sub,
            roles: claims.roles,
            agency: claims.agency,
            service: claims.service,
            language: Language::default(),
            permissions: Permissions::default(),
        };
        Ok(Verified { caller, in_sandbox_only: issuer.vouches_for == VouchesFor::Sandboxes })
    }
}

fn reason(fault: &ErrorKind) -> &'static str {
    match fault {
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::InvalidIssuer => "it is of another issuer",
        ErrorKind::InvalidSignature => "its signature does not hold",
        ErrorKind::InvalidAlgorithm => "its algorithm is not the one of its key",
        // The kinds that are left are all about its form, and more are added with every release.
        _ => "it is not in the form that is expected here",
    }
}
