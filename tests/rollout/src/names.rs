//! The names of the services, and a name server for them that knows which replicas there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use callout_journal::Service;
use callout_kit::client::Lookup;
use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, ResourceRecord, TYPE,
    rdata::{A, RData},
};
use tokio::{net::UdpSocket, task::JoinHandle};

/// Largest message over UDP that is read; a service has far fewer addresses than would fill it.
const LARGEST: usize = 1_232;

/// How long an address may be kept, in seconds. The name server of a cluster says 5 to 30; the clients here ask anew whenever
/// they look, whatever it is.
const LIFETIME_S: u32 = 5;

/// How long the name server is waited for, which is on this machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// The name under which a service is found.
pub fn name_of(service: Service) -> String {
    format!("{}.callout.test", service.schema())
}

type Records = Arc<Mutex<BTreeMap<String, BTreeSet<Ipv4Addr>>>>;

/// A name server on loopback. It ends when it is dropped.
pub struct Names {
    address: SocketAddr,
    records: Records,
    serving: JoinHandle<()>,
}

impl Names {
    /// Starts the server; it knows the names of all services and no address.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let names = Service::ALL.map(|service| (name_of(service), BTreeSet::new()));
        let records = Records::new(Mutex::new(names.into()));
        let serving = tokio::spawn(serve(socket, Arc::clone(&records)));
        Ok(Self { address, records, serving })
    }

    /// Where it is asked.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the service is at this address too.
    pub fn add(&self, service: Service, address: SocketAddr) {
        self.change(service, address, BTreeSet::insert);
    }

    /// From now on the service is no longer at this address.
    pub fn remove(&self, service: Service, address: SocketAddr) {
        self.change(service, address, |addresses, address| addresses.remove(&address));
    }

    fn change(
        &self,
        service: Service,
        address: SocketAddr,
        change: impl Fn(&mut BTreeSet<Ipv4Addr>, Ipv4Addr) -> bool,
    ) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let IpAddr::V4(address) = address.ip() {
            change(records.entry(name_of(service)).or_default(), address);
        }
    }

    /// How the suite's own channels ask this server.
    pub fn lookup(&self) -> Lookup {
        let server = self.address;
        Arc::new(move |name, port| Box::pin(ask(server, name, port)))
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: UdpSocket, records: Records) {
    let mut message = [0; LARGEST];
    loop {
        // A client that has gone away shows as an error here, and is nobody's loss.
        let Ok((length, from)) = socket.recv_from(&mut message).await else { continue };
        let Some(reply) = reply(&message[..length], &records) else { continue };
        let _ = socket.send_to(&reply, from).await;
    }
}

/// The answer to a question, if it is one.
fn reply(message: &[u8], records: &Records) -> Option<Vec<u8>> {
    let asked = Packet::parse(message).ok()?;
    let mut reply = Packet::new_reply(asked.id());
    reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    if asked.has_flags(PacketFlag::RECURSION_DESIRED) {
        reply.set_flags(PacketFlag::RECURSION_DESIRED | PacketFlag::RECURSION_AVAILABLE);
    }
    let records = records.lock().unwrap_or_else(PoisonError::into_inner);
    let question = asked.questions.first()?.clone();
    match records.get(&question.qname.to_string().to_lowercase()) {
        None => *reply.rcode_mut() = RCODE::NameError,
        Some(addresses) if question.qtype == QTYPE::TYPE(TYPE::A) => {
            reply.answers.extend(addresses.iter().map(|address| {
                let address = RData::A(A::from(*address));
                ResourceRecord::new(question.qname.clone(), CLASS::IN, LIFETIME_S, address)
            }));
        }
        // The name is known, and has nothing of that type.
        Some(_) => {}
    }
    reply.questions.push(question);
    reply.build_bytes_vec_compressed().ok()
}

async fn ask(server: SocketAddr, name: String, port: u16) -> Result<Vec<SocketAddr>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.connect(server).await?;
    let mut asked = Packet::new_query(1);
    let question = Question::new(Name::new(&name)?, QTYPE::TYPE(TYPE::A), QCLASS::CLASS(CLASS::IN), false);
    asked.questions.push(question);
    socket.send(&asked.build_bytes_vec()?).await?;
    let mut message = [0; LARGEST];
    let answered = tokio::time::timeout(ANSWERED_WITHIN, socket.recv(&mut message)).await;
    let length = answered.context("the name server does not answer")??;
    let answer = Packet::parse(&message[..length])?;
    ensure!(answer.rcode() == RCODE::NoError, "{name} is not known");
    let addresses = answer.answers.iter().filter_map(|record| match &record.rdata {
        RData::A(a) => Some(SocketAddr::from((Ipv4Addr::from(a.address), port))),
        _ => None,
    });
    Ok(addresses.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_has_the_addresses_that_were_added_and_not_removed() {
        let names = Names::start().await.expect("a name server");
        let lookup = names.lookup();
        let [first, second] = ["127.0.0.2:7", "127.0.0.3:7"].map(|address| address.parse().expect("an address"));
        let intake = || lookup(name_of(Service::Intake), 7);
        assert_eq!(intake().await.expect("an answer"), []);
        names.add(Service::Intake, first);
        names.add(Service::Intake, second);
        assert_eq!(intake().await.expect("an answer"), [first, second]);
        names.remove(Service::Intake, first);
        assert_eq!(intake().await.expect("an answer"), [second]);
        assert!(lookup("elsewhere.test".to_owned(), 7).await.is_err());
    }
}
