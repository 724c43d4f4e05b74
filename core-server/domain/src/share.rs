//! Sharing an amount out, to the unit.

/// Shares `amount` out in proportion to `weights`, by the largest remainder; of equal remainders the first gets the unit.
/// Nobody gets more than their weight, so of an amount above the weights' sum no more than that is shared out. Weights and
/// an amount below zero count as nothing.
#[must_use]
pub fn share(amount: i64, weights: &[i64]) -> Vec<i64> {
    let weight = |weight: &i64| i128::from((*weight).max(0));
    let total: i128 = weights.iter().map(weight).sum();
    let amount = i128::from(amount.max(0)).min(total);
    if amount == 0 {
        return vec![0; weights.len()];
    }
    let mut shares: Vec<i128> = weights.iter().map(|part| amount * weight(part) / total).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    let remainder = |place: usize| weights.get(place).map_or(0, |part| amount * weight(part) % total);
    by_remainder.sort_by_key(|place| std::cmp::Reverse(remainder(*place)));
    // There are fewer units left than weights with a remainder.
    let left = usize::try_from(amount - shares.iter().sum::<i128>()).unwrap_or_default();
    for place in by_remainder.into_iter().take(left) {
        if let Some(share) = shares.get_mut(place) {
            *share += 1;
        }
    }
    shares.into_iter().map(|share| i64::try_from(share).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_divide_goes_to_the_largest_remainders() {
        for (amount, weights, shares) in [
            (10, vec![1, 1, 1], vec![1, 1, 1]),
            (100, vec![100, 100, 100], vec![34, 33, 33]),
            (100, vec![10, 20, 300], vec![3, 6, 91]),
            (1, vec![0, 5], vec![0, 1]),
            (7, vec![0, 0], vec![0, 0]),
            (-5, vec![10], vec![0]),
            (5, vec![-10, 10], vec![0, 5]),
            (5, vec![], vec![]),
            (i64::MAX, vec![i64::MAX, i64::MAX], vec![4_611_686_018_427_387_904, 4_611_686_018_427_387_903]),
        ] {
            assert_eq!(share(amount, &weights), shares, "{amount} over {weights:?}");
        }
    }

    proptest! {
        #[test]
        fn all_of_it_is_shared_out_and_each_part_is_within_a_unit_of_its_proportion(
            amount in 0_i64..2_000_000_000, weights in prop::collection::vec(0_i64..=1_000_000_000, 0..=20)
        ) {
            let shares = share(amount, &weights);
            let total: i64 = weights.iter().sum();
            prop_assert_eq!(shares.iter().sum::<i64>(), amount.min(total));
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!((0..=*weight).contains(share), "{} of {}", share, weight);
                if total > 0 {
                    let exact = i128::from(amount.min(total)) * i128::from(*weight);
                    let off = (i128::from(*share) * i128::from(total) - exact).abs();
                    prop_assert!(off < i128::from(total), "{} of {}", share, weight);
                }
            }
        }
    }
}
