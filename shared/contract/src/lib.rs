//! The contract of the suite: the code generated from `proto/`, and the descriptor set it came from.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

mod call;
pub mod policy;

#[expect(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    missing_docs,
    unused_qualifications,
    reason = "generated"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/packages.rs"));
}

pub use generated::callout::{dispatch, evaluation, events, intake, inventory, regulation, types};

pub use call::Call;

/// The encoded `FileDescriptorSet` of every proto of the suite, imports included.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The descriptors, decoded once.
pub static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(DESCRIPTORS).expect("the build wrote this descriptor set and decoded it there")
});
