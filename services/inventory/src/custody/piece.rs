//! The pieces of a kit.

use callout_contract::{
    inventory::v1::{self as pb, custody_piece, custody_piece_event},
    regulation::v1::Explanation,
};
use callout_kit::parse;
use callout_regulation::Lacking;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A piece of a kit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Which, of the pieces of the kit in the pack.
    pub piece: String,
    /// What happened to it, in the order in which it was entered.
    pub events: Vec<Happened>,
}

/// Something that happened to a piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// What.
    pub what: What,
    /// When.
    pub at: Timestamp,
    /// The rule by which a new one was given; none for what no rule decides.
    pub rule: Option<Why>,
}

/// Why a new one was given, as an explanation says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    rule: String,
    entry: String,
    revision: String,
    computation: String,
}

/// What happens to pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was lost.
    Lost,
    /// The organisation gave another one.
    Replaced,
    /// The holder supplied another one.
    Supplied,
}

impl Piece {
    /// A piece that is there.
    #[must_use]
    pub const fn new(piece: String) -> Self {
        Self { piece, events: Vec::new() }
    }

    /// Whether it was lost and not made good.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.events.last().is_some_and(|last| last.what == What::Lost)
    }

    /// What is wrong with it, when its holder says that it is `broken` and `handed_in`.
    #[must_use]
    pub fn lacking(&self, broken: bool, handed_in: bool) -> Lacking {
        match (self.is_lost(), broken) {
            (true, _) => Lacking::Lost,
            (false, true) => Lacking::Damaged { handed_in },
            (false, false) => Lacking::Nothing,
        }
    }

    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self) -> pb::CustodyPiece {
        let state = if self.is_lost() { custody_piece::State::Lost } else { custody_piece::State::Held };
        let event = |happened: &Happened| pb::CustodyPieceEvent {
            kind: match happened.what {
                What::Lost => custody_piece_event::Kind::Lost,
                What::Replaced => custody_piece_event::Kind::Replaced,
                What::Supplied => custody_piece_event::Kind::Supplied,
            }
            .into(),
            occurred_at: Some(parse::to_timestamp(happened.at)),
            explanation: happened.rule.clone().map(Explanation::from),
        };
        pb::CustodyPiece {
            piece: self.piece.clone(),
            state: state.into(),
            events: self.events.iter().map(event).collect(),
        }
    }
}

impl From<Explanation> for Why {
    fn from(explanation: Explanation) -> Self {
        let Explanation { rule, entry, revision, computation, .. } = explanation;
        Self { rule, entry, revision, computation }
    }
}

impl From<Why> for Explanation {
    fn from(why: Why) -> Self {
        let Why { rule, entry, revision, computation } = why;
        Self { rule, entry, revision, computation, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_lacks_until_another_one_is_there() {
        let mut piece = Piece::new("multimeter".to_owned());
        let happened = |what| Happened { what, at: Timestamp::UNIX_EPOCH, rule: None };
        assert_eq!(piece.lacking(false, false), Lacking::Nothing);
        assert_eq!(piece.lacking(true, true), Lacking::Damaged { handed_in: true });
        piece.events.push(happened(What::Lost));
        assert_eq!(piece.lacking(true, true), Lacking::Lost);
        piece.events.push(happened(What::Supplied));
        assert_eq!(piece.lacking(true, false), Lacking::Damaged { handed_in: false });
    }
}
