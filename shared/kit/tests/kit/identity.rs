//! Tokens that hold, and all the ways in which one does not.

use std::{fs, path::Path, time::Duration};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use callout_kit::{
    Caller, Error, clock,
    identity::{DevelopmentIssuer, Signer, Verified, Verifier},
    permissions::{RoleMap, RoleMaps},
    server::{self, Access},
    settings::{self, Issuer, Validate},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use crate::support::*;

const LIFETIME: Duration = Duration::from_mins(1);

/// A private key with its public half.
struct Pair {
    key: EncodingKey,
    public: Jwk,
    algorithm: Algorithm,
    pkcs8: Vec<u8>,
}

impl Pair {
    fn ed25519(key_id: &str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        Self::new(key_id, EncodingKey::from_ed_der(pkcs8.as_ref()), Algorithm::EdDSA, pkcs8.as_ref())
    }

    fn p256(key_id: &str) -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self::new(key_id, EncodingKey::from_ec_der(pkcs8.as_ref()), Algorithm::ES256, pkcs8.as_ref())
    }

    fn new(key_id: &str, key: EncodingKey, algorithm: Algorithm, pkcs8: &[u8]) -> Self {
        let mut public = Jwk::from_encoding_key(&key, algorithm).unwrap();
        public.common.key_id = Some(key_id.to_owned());
        Self { key, public, algorithm, pkcs8: pkcs8.to_vec() }
    }

    fn header(&self) -> Header {
        Header { kid: self.public.common.key_id.clone(), ..Header::new(self.algorithm) }
    }

    fn token(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&self.header(), claims, &self.key).unwrap()
    }

    fn pem(&self) -> String {
        rcgen::KeyPair::try_from(self.pkcs8.as_slice()).unwrap().serialize_pem()
    }
}

fn write_keys(path: &Path, pairs: &[&Pair]) {
    let keys: Vec<&Jwk> = pairs.iter().map(|pair| &pair.public).collect();
    fs::write(path, json!({ "keys": keys }).to_string()).unwrap();
}

fn claims() -> Value {
    let now = clock::system_now().as_second();
    json!({
        "iss": "https://id.example", "aud": "callout", "sub": "users/wang", "org": "acme", "roles": ["desk"],
        "iat": now, "nbf": now, "exp": now + 60,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn settings(callers: &Path, services: &Path) -> settings::Identity {
    let issuer = |name: &str, keys: &Path| Some(Issuer { name: name.to_owned(), keys: keys.to_owned() });
    settings::Identity {
        issuer: issuer("https://id.example", callers),
        services: issuer("callout-services", services),
        ..settings::Identity::default()
    }
}

fn why(outcome: Result<Verified, Error>) -> &'static str {
    match outcome {
        Err(Error::Unauthenticated { why }) => why,
        Err(other) => panic!("{other}"),
        Ok(verified) => panic!("{verified:?} was believed"),
    }
}

/// Who is believed everywhere.
fn anywhere(outcome: Result<Verified, Error>) -> Caller {
    let Verified { caller, in_sandbox_only } = outcome.unwrap();
    assert!(!in_sandbox_only, "{caller:?}");
    caller
}

/// Settings of which the sandboxes' issuer has the one key `pair`, which signs too.
fn with_sandboxes(folder: &Path, pair: &Pair, settings: settings::Identity) -> settings::Identity {
    let (keys, key) = (folder.join("sandboxes.json"), folder.join("sandbox.pem"));
    write_keys(&keys, &[pair]);
    fs::write(&key, pair.pem()).unwrap();
    settings::Identity {
        sandboxes: Some(Issuer { name: "callout-sandboxes".to_owned(), keys }),
        sandbox_key: Some(key),
        sandbox_key_id: pair.public.common.key_id.clone(),
        ..settings
    }
}

#[test]
fn a_token_by_either_algorithm_says_who_calls() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.json");
    let (ed25519, p256) = (Pair::ed25519("a"), Pair::p256("b"));
    write_keys(&path, &[&ed25519, &p256]);
    let verifier = Verifier::new(&settings(&path, &path)).unwrap();
    for pair in [&ed25519, &p256] {
        let caller = anywhere(verifier.verify(&pair.token(&with("agency", json!("north")))));
        assert_eq!((caller.organization.as_str(), caller.subject.as_str()), ("acme", "users/wang"));
        assert_eq!(
            (caller.roles, caller.agency.as_deref(), caller.service),
            (vec!["desk".to_owned()], Some("north"), None)
        );
        assert!(!caller.permissions.allow("intake.cases.get"));
    }
}

#[test]
fn a_token_that_does_not_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.json");
    let pair = Pair::ed25519("a");
    write_keys(&path, &[&pair]);
    let verifier = Verifier::new(&settings(&path, &path)).unwrap();
    let refusal = |token: &str| why(verifier.verify(token));
    let now = clock::system_now().as_second();

    assert_eq!(refusal(&pair.token(&with("exp", json!(now - 11)))), "it has expired");
    assert_eq!(refusal(&pair.token(&with("nbf", json!(now + 60)))), "it is not valid yet");
    assert_eq!(refusal(&pair.token(&with("aud", json!("another")))), "it is for another audience");
    assert_eq!(refusal(&pair.token(&with("iss", json!("https://evil.example")))), "its issuer is not trusted here");
    assert_eq!(refusal(&pair.token(&with("org", json!("")))), "it names no organisation");
    assert_eq!(refusal(&pair.token(&with("org", json!("-")))), "it names no organisation");
    for claim in ["exp", "nbf", "aud", "sub", "org"] {
        assert_eq!(refusal(&pair.token(&without(claim))), "it is not in the form that is expected here", "{claim}");
    }

    let other = Pair::ed25519("a");
    assert_eq!(refusal(&other.token(&claims())), "its signature does not hold");
    assert_eq!(refusal(&Pair::ed25519("b").token(&claims())), "its key is not known");
    let anonymous = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims(), &pair.key).unwrap();
    assert_eq!(refusal(&anonymous), "it names no key");

    // The public key is no secret, so a MAC by it proves nothing.
    let public = serde_json::to_value(&pair.public).unwrap()["x"].as_str().unwrap().to_owned();
    let header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::HS256) };
    let mac = EncodingKey::from_urlsafe_base64_secret(&format!("{public}=")).unwrap();
    let forged = jsonwebtoken::encode(&header, &claims(), &mac).unwrap();
    assert_eq!(refusal(&forged), "its algorithm is not the one of its key");

    // {"alg":"none","kid":"a"}
    let signed = pair.token(&claims());
    let payload = signed.split('.').nth(1).unwrap();
    assert_eq!(
        refusal(&format!("eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.{payload}.")),
        "it is no token that is accepted here"
    );
    assert_eq!(refusal("no token"), "it is no token that is accepted here");
    assert_eq!(refusal(&"x".repeat(10_000)), "it is too long");
}

#[test]
fn only_the_services_own_issuer_may_speak_for_a_service() {
    let folder = tempfile::tempdir().unwrap();
    let (callers, services) = (folder.path().join("callers.json"), folder.path().join("services.json"));
    let (outside, inside) = (Pair::ed25519("a"), Pair::ed25519("s"));
    write_keys(&callers, &[&outside]);
    write_keys(&services, &[&inside]);
    let key = folder.path().join("service.pem");
    fs::write(&key, inside.pem()).unwrap();
    let settings = settings::Identity {
        service_key: Some(key),
        service_key_id: Some("s".to_owned()),
        ..settings(&callers, &services)
    };
    let verifier = Verifier::new(&settings).unwrap();

    let signer = Signer::of_service(&settings).unwrap().expect("a key is named");
    let on_behalf = Caller { service: Some("dispatch".to_owned()), ..caller("desk") };
    let token = signer.sign(&on_behalf, clock::system_now(), LIFETIME).unwrap();
    assert_eq!(anywhere(verifier.verify(&token)), on_behalf);

    let pretended = outside.token(&with("service", json!("dispatch")));
    assert_eq!(why(verifier.verify(&pretended)), "its issuer may not sign for services");
    let bare = signer.sign(&caller("administrator"), clock::system_now(), LIFETIME).unwrap();
    assert_eq!(why(verifier.verify(&bare)), "its issuer signs for services only");
    // A key of one issuer is no key of the other.
    let crossed = outside.token(&with("iss", json!("callout-services")));
    assert_eq!(why(verifier.verify(&crossed)), "its key is not known");
}

#[test]
fn the_sandboxes_issuer_is_believed_in_sandboxes_only_and_never_for_a_service() {
    let folder = tempfile::tempdir().unwrap();
    let (callers, services) = (folder.path().join("callers.json"), folder.path().join("services.json"));
    let (outside, inside, sandboxes) = (Pair::ed25519("a"), Pair::ed25519("s"), Pair::ed25519("t"));
    write_keys(&callers, &[&outside]);
    write_keys(&services, &[&inside]);
    let settings = with_sandboxes(folder.path(), &sandboxes, settings(&callers, &services));
    let verifier = Verifier::new(&settings).unwrap();

    let signer = Signer::of_sandboxes(&settings).unwrap().expect("a key is named");
    let token = signer.sign(&caller("desk"), clock::system_now(), LIFETIME).unwrap();
    let verified = verifier.verify(&token).unwrap();
    assert_eq!(verified, Verified { caller: caller("desk"), in_sandbox_only: true });

    let for_service = Caller { service: Some("dispatch".to_owned()), ..caller("desk") };
    let pretended = signer.sign(&for_service, clock::system_now(), LIFETIME).unwrap();
    assert_eq!(why(verifier.verify(&pretended)), "its issuer may not sign for services");
    // Its key is no key of another issuer.
    for issuer in ["https://id.example", "callout-services"] {
        assert_eq!(why(verifier.verify(&sandboxes.token(&with("iss", json!(issuer))))), "its key is not known");
    }

    let unset = settings::Identity { sandbox_key: None, ..settings };
    assert!(Signer::of_sandboxes(&unset).unwrap().is_none());
}

#[tokio::test]
async fn a_token_of_the_sandboxes_issuer_opens_a_sandbox_and_neither_a_live_organisation_nor_an_unknown_one() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("callers.json");
    let (outside, sandboxes) = (Pair::ed25519("a"), Pair::ed25519("t"));
    write_keys(&keys, &[&outside]);
    let settings = with_sandboxes(folder.path(), &sandboxes, settings(&keys, &keys));
    let role_maps = RoleMaps::new(|organization| {
        let sandbox = organization == "lab";
        Box::pin(std::future::ready(Ok((organization != "nobody").then(|| RoleMap { sandbox, ..RoleMap::default() }))))
    });
    let access = Access::new(Verifier::new(&settings).unwrap().into(), role_maps).with_policies(policy_of);
    let plan = server::Plan { access, ..plan(Workshop::willing()) };
    let running = server::start(&quick(), plan).await.unwrap();
    let mut client = workshop_client(stock_channel(&running).await, "Do");
    let mut answer = async |token: &str| {
        let mut request = anonymous();
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        client.check(request).await.map_or_else(|status| status.message().to_owned(), |_| "answered".to_owned())
    };
    let signer = Signer::of_sandboxes(&settings).unwrap().expect("a key is named");
    let mut in_sandbox = async |organization: &str| {
        let caller = Caller { organization: organization.to_owned(), ..caller("administrator") };
        answer(&signer.sign(&caller, clock::system_now(), LIFETIME).unwrap()).await
    };
    assert_eq!(in_sandbox("lab").await, "answered");
    for organization in ["acme", "nobody"] {
        let refusal = in_sandbox(organization).await;
        assert!(refusal.contains("its issuer signs for sandboxes only"), "{organization}: {refusal}");
    }
    // Whoever is believed in the live organisation is believed in the sandbox as well.
    for organization in ["acme", "lab"] {
        let mut claims = with("org", json!(organization));
        claims["roles"] = json!(["administrator"]);
        assert_eq!(answer(&outside.token(&claims)).await, "answered", "{organization}");
    }
}

#[test]
fn settings_in_which_one_issuer_could_pass_for_another_or_a_key_has_no_name_are_refused() {
    let path = Path::new("keys.json");
    let whole = with_sandbox_names("callout-sandboxes", Some("t"));
    assert!(whole.validate().is_ok());
    for taken in ["https://id.example", "callout-services"] {
        let fault = with_sandbox_names(taken, Some("t")).validate().unwrap_err();
        assert!(fault.to_string().contains("`identity.sandboxes.name`"), "{fault}");
    }
    let fault = with_sandbox_names("callout-sandboxes", None).validate().unwrap_err();
    assert!(fault.to_string().contains("`identity.sandbox_key_id`"), "{fault}");
    let keyless = settings::Identity { sandboxes: None, ..whole };
    assert!(keyless.validate().is_err());
    let services = settings::Identity { services: settings(path, path).issuer, ..settings(path, path) };
    let fault = services.validate().unwrap_err();
    assert!(fault.to_string().contains("`identity.services.name`"), "{fault}");
}

fn with_sandbox_names(issuer: &str, key_id: Option<&str>) -> settings::Identity {
    let path = Path::new("keys.json");
    settings::Identity {
        sandboxes: Some(Issuer { name: issuer.to_owned(), keys: path.to_owned() }),
        sandbox_key: Some(path.to_owned()),
        sandbox_key_id: key_id.map(str::to_owned),
        ..settings(path, path)
    }
}

#[test]
fn the_development_issuer_is_believed_only_where_it_was_asked_for() {
    let issuer = DevelopmentIssuer::new().unwrap();
    let token = issuer.token(&caller("desk"), clock::system_now()).unwrap();
    let strict = Verifier::new(&settings::Identity::default()).unwrap();
    assert_eq!(why(strict.verify(&token)), "its issuer is not trusted here");
    let lenient = strict.and_development(&issuer).unwrap();
    assert_eq!(anywhere(lenient.verify(&token)), caller("desk"));
    let stranger = DevelopmentIssuer::new().unwrap().token(&caller("desk"), clock::system_now()).unwrap();
    assert_eq!(why(lenient.verify(&stranger)), "its signature does not hold");
}

#[test]
fn keys_are_rolled_without_a_restart_and_a_broken_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.json");
    let (old, new) = (Pair::ed25519("old"), Pair::ed25519("new"));
    write_keys(&path, &[&old]);
    let verifier = Verifier::new(&settings(&path, &path)).unwrap();
    assert_eq!(why(verifier.verify(&new.token(&claims()))), "its key is not known");

    write_keys(&path, &[&old, &new]);
    assert!(verifier.verify(&new.token(&claims())).is_ok());
    assert!(verifier.verify(&old.token(&claims())).is_ok());

    fs::write(&path, "{").unwrap();
    assert_eq!(why(verifier.verify(&Pair::ed25519("third").token(&claims()))), "its key is not known");
    assert!(verifier.verify(&new.token(&claims())).is_ok());

    // An unknown key has the file read at once, and what it no longer has is no longer believed.
    write_keys(&path, &[&new]);
    assert_eq!(why(verifier.verify(&Pair::ed25519("third").token(&claims()))), "its key is not known");
    assert_eq!(why(verifier.verify(&old.token(&claims()))), "its key is not known");
}

#[test]
fn a_key_set_that_is_not_there_or_has_no_key_for_us_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.json");
    assert!(Verifier::new(&settings(&path, &path)).is_err());
    fs::write(&path, json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0", "kid": "a" }] }).to_string()).unwrap();
    assert!(Verifier::new(&settings(&path, &path)).is_err());
}
