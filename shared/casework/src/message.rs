//! A message of the contract inside a document that a row keeps, by `#[serde(with = "callout_casework::message")]`: as its
//! canonical JSON, so that whoever looks at a row can read it.

use callout_contract::POOL;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde::{Deserializer, Serialize as _, Serializer, de, ser};

fn descriptor<M: Name>() -> Result<MessageDescriptor, String> {
    POOL.get_message_by_name(&M::full_name()).ok_or_else(|| format!("{} is not in the contract", M::full_name()))
}

/// Writes a message.
///
/// # Errors
/// One of the serializer's for a message that is not in the contract.
pub fn serialize<M: Message + Name, S: Serializer>(message: &M, serializer: S) -> Result<S::Ok, S::Error> {
    let descriptor = descriptor::<M>().map_err(ser::Error::custom)?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice());
    dynamic.map_err(ser::Error::custom)?.serialize(serializer)
}

/// Reads a message.
///
/// # Errors
/// One of the deserializer's for what is not that message.
pub fn deserialize<'de, M: Message + Name + Default, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    let descriptor = descriptor::<M>().map_err(de::Error::custom)?;
    let dynamic = DynamicMessage::deserialize(descriptor, deserializer)?;
    M::decode(dynamic.encode_to_vec().as_slice()).map_err(de::Error::custom)
}
