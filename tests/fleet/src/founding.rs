//! What an organisation at work begins with: a pack, a machine of its make in warranty, and a repair of it.

use callout_contract::intake::v1::{
    Adoption, Case, CreateCaseRequest, CreateOrganizationRequest, CreateProductRequest, Organization, Product, case,
};
use callout_kit::parse;
use jiff::Timestamp;
use uuid::Builder;

/// A regulation that gives somebody who is near a day to be there.
const PACK: &str = "R01-aerial-platforms";

/// A new organisation, which has adopted the pack.
#[must_use]
pub fn organization(id: &str) -> CreateOrganizationRequest {
    let adoption =
        Adoption { pack: PACK.to_owned(), revision: 1, effective_at: Some(parse::to_timestamp(Timestamp::UNIX_EPOCH)) };
    let organization =
        Organization { display_name: id.to_owned(), adoptions: vec![adoption], ..Organization::default() };
    CreateOrganizationRequest {
        organization_id: id.to_owned(),
        organization: Some(organization),
        request_id: request_id(),
    }
}

/// A machine in warranty, of an organisation by its name.
#[must_use]
pub fn machine(organization: &str) -> CreateProductRequest {
    let product = Product {
        serial: "GKS-1".to_owned(),
        model: "GKS-25".to_owned(),
        maker: "own".to_owned(),
        seller: "own".to_owned(),
        warranty_ends_on: "2199-12-31".to_owned(),
        ..Product::default()
    };
    CreateProductRequest { parent: organization.to_owned(), product: Some(product), request_id: request_id() }
}

/// A repair of a machine, at the desk.
#[must_use]
pub fn repair(organization: &str, product: &str) -> CreateCaseRequest {
    let case = Case {
        kind: case::Kind::Repair.into(),
        product: product.to_owned(),
        contact: "Mr Li, 138 0000 0000".to_owned(),
        fault: "The boom does not extend".to_owned(),
        ..Case::default()
    };
    CreateCaseRequest {
        parent: organization.to_owned(),
        case: Some(case),
        at_desk: true,
        request_id: request_id(),
        ..CreateCaseRequest::default()
    }
}

/// A request id that nobody has used.
#[must_use]
pub fn request_id() -> String {
    Builder::from_random_bytes(rand::random()).into_uuid().to_string()
}
