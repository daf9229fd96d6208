//! How what is on hand is shared out.

use rust_decimal::Decimal;

use super::{Reservation, State};

/// Who is served and who waits, each in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Those that have the item allotted.
    pub allotted: Vec<Reservation>,
    /// Those that wait.
    pub waiting: Vec<Reservation>,
}

/// Shares `usable` out to the reservations of an item, given in the order in which they are served.
///
/// Nobody is overtaken: where the next in order wants more than there is, what is left is kept for him and everybody
/// behind him waits, or a large wish would never be served. An earlier allotment gives no better place.
#[must_use]
pub fn share(queue: Vec<Reservation>, usable: Decimal) -> Shares {
    let mut left = usable;
    let mut shares = Shares::default();
    for reservation in queue {
        if shares.waiting.is_empty() && reservation.quantity <= left {
            left -= reservation.quantity;
            shares.allotted.push(Reservation { state: State::Allotted, ..reservation });
        } else {
            shares.waiting.push(Reservation { state: State::Open, ..reservation });
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use callout_casework::ids::{CaseId, Id as _, ItemId, ReservationId};
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn wish(id: u128, quantity: i64, state: State) -> Reservation {
        Reservation {
            id: ReservationId::from_uuid(Uuid::from_u128(id)),
            version: 1,
            item: ItemId::from_uuid(Uuid::from_u128(1)),
            quantity: quantity.into(),
            case: CaseId::from_uuid(Uuid::from_u128(id)),
            urgent: false,
            state,
            rank: Vec::new(),
            received_at: Timestamp::UNIX_EPOCH,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn served(shares: &Shares) -> (Vec<u128>, Vec<u128>) {
        let ids = |reservations: &[Reservation]| reservations.iter().map(|it| it.id.uuid().as_u128()).collect();
        (ids(&shares.allotted), ids(&shares.waiting))
    }

    #[test]
    fn the_first_in_order_are_served_and_one_that_had_it_gives_it_back() {
        let shares = share(vec![wish(2, 1, State::Open), wish(1, 1, State::Allotted)], 1.into());
        assert_eq!(served(&shares), (vec![2], vec![1]));
        assert_eq!((shares.allotted[0].state, shares.waiting[0].state), (State::Allotted, State::Open));
    }

    #[test]
    fn nobody_behind_a_large_wish_overtakes_it() {
        let shares = share(vec![wish(1, 2, State::Open), wish(2, 5, State::Open), wish(3, 1, State::Open)], 6.into());
        assert_eq!(served(&shares), (vec![1], vec![2, 3]));
    }

    #[test]
    fn all_are_served_when_there_is_enough_and_none_when_there_is_nothing() {
        let queue = || vec![wish(1, 2, State::Open), wish(2, 1, State::Open)];
        assert_eq!(served(&share(queue(), 3.into())), (vec![1, 2], vec![]));
        assert_eq!(served(&share(queue(), 0.into())), (vec![], vec![1, 2]));
    }
}
