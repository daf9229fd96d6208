//! What is true of the four services together: each test starts the suite on a database of its own and calls it as any
//! client would.

mod appliances;
mod care;
mod client;
mod complaints;
mod contract;
mod coverage;
mod grades;
mod invariants;
mod journey;
mod metrics;
mod outsourcing;
mod pages;
mod papers;
mod probe;
mod production;
mod readings;
mod readmes;
mod reasons;
mod rehearsal;
mod remedies;
mod replicas;
mod restart;
mod rules;
mod scenarios;
mod stage;
mod tenants;
mod traces;
mod world;
