//! What a request says of the call that it asks for.

use prost::{Message, Name};

/// A request that one method of the suite takes.
pub trait Call: Message + Name {
    /// The path of the method, such as `/callout.intake.v1.Cases/PassCase`.
    const METHOD: &'static str;

    /// The path of the field that [`Self::resource`] reads, such as `parent` or `product.name`.
    const RESOURCE_FIELD: &'static str;

    /// The name of the resource that it is about; of one that is yet to be made, its parent.
    fn resource(&self) -> &str;

    /// The id under which it is carried out once; empty for a read, and where the caller left it out.
    fn request_id(&self) -> &str;
}

include!(concat!(env!("OUT_DIR"), "/calls.rs"));
