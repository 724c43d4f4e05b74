//! What of an order's money goes back, line by line.

use crate::share::share;

/// What is left of a line: what was paid for it, less what went back or is on its way.
pub type Left = i64;

/// What is to go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that is left.
    Rest,
    /// So much of the order, spread over its lines by what is left of each.
    Amount(i64),
    /// Of lines, from 0: so much, or all that is left of them.
    Lines(Vec<(usize, Option<i64>)>),
}

/// Less is left than that, or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("less is left of it")]
pub struct TooMuch;

/// How much goes back of each line: at least 1 in all, and of no line more than is left of it.
pub fn spread(left: &[Left], wanted: &Wanted) -> Result<Vec<i64>, TooMuch> {
    let left: Vec<_> = left.iter().map(|left| (*left).max(0)).collect();
    let all = left.iter().copied().fold(0, i64::saturating_add);
    let parts = match wanted {
        Wanted::Rest => left,
        Wanted::Amount(amount) if *amount > all => return Err(TooMuch),
        Wanted::Amount(amount) => share(*amount, &left),
        Wanted::Lines(lines) => {
            let mut parts = vec![0; left.len()];
            for (line, amount) in lines {
                let (Some(left), Some(part)) = (left.get(*line), parts.get_mut(*line)) else { return Err(TooMuch) };
                let amount = amount.unwrap_or(left.saturating_sub(*part));
                let sum = i64::checked_add(*part, amount).filter(|sum| amount >= 1 && sum <= left);
                *part = sum.ok_or(TooMuch)?;
            }
            parts
        }
    };
    if parts.iter().any(|part| *part > 0) { Ok(parts) } else { Err(TooMuch) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_a_line_no_more_goes_back_than_is_left_of_it() {
        let left = [50_000, 0, 30_000];
        for (wanted, parts) in [
            (Wanted::Rest, Ok(vec![50_000, 0, 30_000])),
            (Wanted::Amount(8_000), Ok(vec![5_000, 0, 3_000])),
            (Wanted::Amount(80_000), Ok(vec![50_000, 0, 30_000])),
            (Wanted::Amount(80_001), Err(TooMuch)),
            (Wanted::Amount(0), Err(TooMuch)),
            (Wanted::Amount(-1), Err(TooMuch)),
            (Wanted::Lines(vec![(2, Some(30_000))]), Ok(vec![0, 0, 30_000])),
            (Wanted::Lines(vec![(0, None), (2, Some(1))]), Ok(vec![50_000, 0, 1])),
            (Wanted::Lines(vec![(2, Some(30_001))]), Err(TooMuch)),
            (Wanted::Lines(vec![(1, None)]), Err(TooMuch)),
            (Wanted::Lines(vec![(0, Some(-1)), (2, None)]), Err(TooMuch)),
            (Wanted::Lines(vec![(2, Some(20_000)), (2, Some(20_000))]), Err(TooMuch)),
            (Wanted::Lines(vec![(3, None)]), Err(TooMuch)),
            (Wanted::Lines(vec![]), Err(TooMuch)),
        ] {
            assert_eq!(spread(&left, &wanted), parts, "{wanted:?}");
        }
        assert_eq!(spread(&[0, 0], &Wanted::Rest), Err(TooMuch));
    }

    proptest! {
        #[test]
        fn refunds_in_any_order_never_go_beyond_what_was_paid_for_a_line(
            nets in prop::collection::vec(0_i64..1_000_000, 1..=20),
            wanted in prop::collection::vec((0_u8..3, 0_usize..25, 0_i64..2_000_000), 0..20)
        ) {
            let mut left = nets.clone();
            for (kind, line, amount) in wanted {
                let wanted = match kind {
                    0 => Wanted::Amount(amount),
                    1 => Wanted::Lines(vec![(line, Some(amount))]),
                    _ => Wanted::Lines(vec![(line, None)]),
                };
                let Ok(parts) = spread(&left, &wanted) else { continue };
                if let Wanted::Amount(amount) = wanted {
                    prop_assert_eq!(parts.iter().sum::<i64>(), amount);
                }
                for (left, part) in left.iter_mut().zip(parts) {
                    prop_assert!((0..=*left).contains(&part));
                    *left -= part;
                }
            }
            let rest: i64 = left.iter().sum();
            let last = spread(&left, &Wanted::Rest);
            prop_assert_eq!(last.map_or(0, |parts| parts.iter().sum::<i64>()), rest);
        }
    }
}
