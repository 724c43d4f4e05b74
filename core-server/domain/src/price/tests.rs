use proptest::prelude::*;

use super::*;

fn one(unit_price: i64, quantity: i64) -> Position {
    Position { unit_price, quantity }
}

fn idr(positions: &[Position]) -> Result<Price, PriceError> {
    freeze(Currency::Idr, positions, &[])
}

/// Many of one line cost less each.
struct Tier {
    from: i64,
    percent: i64,
}

impl Step for Tier {
    fn reductions(&self, _: Currency, lines: &[LinePrice]) -> Vec<Reduction> {
        let many = lines.iter().enumerate().filter(|(_, line)| line.position.quantity >= self.from);
        many.map(|(line, price)| Reduction::Line { line, amount: price.net() * self.percent / 100 }).collect()
    }
}

/// So much off some lines together, in one currency.
struct Coupon {
    currency: Currency,
    amount: i64,
    lines: Vec<usize>,
}

impl Step for Coupon {
    fn reductions(&self, currency: Currency, _: &[LinePrice]) -> Vec<Reduction> {
        let fits = currency == self.currency;
        fits.then(|| Reduction::Shared { lines: self.lines.clone(), amount: self.amount }).into_iter().collect()
    }
}

#[test]
fn a_line_keeps_gross_discount_and_net() {
    let price = idr(&[one(10_000, 3), one(0, 1), one(2_500, 2)]).unwrap();
    let gross: Vec<_> = price.lines.iter().map(|line| (line.gross, line.discount, line.net())).collect();
    assert_eq!(gross, [(30_000, 0, 30_000), (0, 0, 0), (5_000, 0, 5_000)]);
    assert_eq!((price.subtotal, price.discount, price.due), (35_000, 0, 35_000));
}

#[test]
fn each_step_sees_what_the_steps_before_it_left() {
    let tier = Tier { from: 10, percent: 10 };
    let coupon = Coupon { currency: Currency::Idr, amount: 1_000, lines: vec![0, 1, 2] };
    let positions = [one(1_000, 10), one(500, 2), one(0, 1)];
    let price = freeze(Currency::Idr, &positions, &[&tier, &coupon]).unwrap();
    // 9,000 and 1,000 after the tier: the coupon is shared out 9 to 1.
    let discounts: Vec<_> = price.lines.iter().map(|line| line.discount).collect();
    assert_eq!((discounts, price.due), (vec![1_900, 100, 0], 9_000));
    let price = freeze(Currency::Idr, &positions, &[&coupon, &tier]).unwrap();
    let discounts: Vec<_> = price.lines.iter().map(|line| line.discount).collect();
    assert_eq!((discounts, price.due), (vec![1_818, 91, 0], 9_091), "in another order it is another price");
}

#[test]
fn a_step_of_another_currency_takes_nothing_off() {
    let coupon = Coupon { currency: Currency::Xtr, amount: 5, lines: vec![0] };
    assert_eq!(freeze(Currency::Idr, &[one(1_000, 1)], &[&coupon]).unwrap().due, 1_000);
    assert_eq!(freeze(Currency::Xtr, &[one(100, 1)], &[&coupon]).unwrap().due, 95);
}

#[test]
fn every_limit_holds_to_the_unit() {
    let too_much = Err(PriceError::Subtotal { max: 1_000_000_000 });
    assert_eq!(idr(&[]), Err(PriceError::Lines));
    assert!(idr(&[one(1, 1); 20]).is_ok());
    assert_eq!(idr(&[one(1, 1); 21]), Err(PriceError::Lines));
    for quantity in [i64::MIN, -1, 0, 101, i64::MAX] {
        assert_eq!(idr(&[one(1, 1), one(1, quantity)]), Err(PriceError::Quantity { position: 1 }), "{quantity}");
    }
    for unit_price in [i64::MIN, -1, 100_000_001, i64::MAX] {
        let refused = Err(PriceError::UnitPrice { position: 0, max: 100_000_000 });
        assert_eq!(idr(&[one(unit_price, 1)]), refused, "{unit_price}");
    }
    assert!(idr(&[one(100_000_000, 10)]).is_ok());
    assert_eq!(idr(&[one(100_000_000, 10), one(1, 1)]), too_much);
    assert_eq!(idr(&[one(100_000_000, 100); 20]), too_much);
    let stars = freeze(Currency::Xtr, &[one(10_001, 1)], &[]);
    assert_eq!(stars, Err(PriceError::UnitPrice { position: 0, max: 10_000 }), "Stars have limits of their own");
}

proptest! {
    #[test]
    fn a_price_is_the_sum_of_its_positions(
        positions in prop::collection::vec((0..=100_000_000_i64, 1..=QUANTITY_MAX), 1..=LINES_MAX)
    ) {
        let positions: Vec<_> = positions.into_iter().map(|(price, quantity)| one(price, quantity)).collect();
        let sum: i128 = positions.iter().map(|p| i128::from(p.unit_price) * i128::from(p.quantity)).sum();
        match idr(&positions) {
            Ok(price) => {
                prop_assert_eq!(i128::from(price.subtotal), sum);
                prop_assert_eq!(price.lines.iter().map(|line| line.net()).sum::<i64>(), price.due);
            }
            Err(error) => {
                prop_assert_eq!(error, PriceError::Subtotal { max: 1_000_000_000 });
                prop_assert!(sum > 1_000_000_000);
            }
        }
    }

    #[test]
    fn whatever_steps_take_off_no_net_is_below_zero_and_the_nets_are_what_is_due(
        positions in prop::collection::vec((0..=400_000_i64, 1..=QUANTITY_MAX), 1..=LINES_MAX),
        tiers in prop::collection::vec((1..=QUANTITY_MAX, -50..=150_i64), 0..3),
        coupons in prop::collection::vec(
            (-1_000..=900_000_000_i64, prop::collection::vec(0..30_usize, 0..8)), 0..3),
    ) {
        let positions: Vec<_> = positions.into_iter().map(|(price, quantity)| one(price, quantity)).collect();
        let tiers: Vec<_> = tiers.into_iter().map(|(from, percent)| Tier { from, percent }).collect();
        let coupons: Vec<_> = coupons
            .into_iter()
            .map(|(amount, lines)| Coupon { currency: Currency::Idr, amount, lines })
            .collect();
        let mut steps: Vec<&dyn Step> = tiers.iter().map(|tier| -> &dyn Step { tier }).collect();
        steps.extend(coupons.iter().map(|coupon| -> &dyn Step { coupon }));
        let (before, price) = (idr(&positions).unwrap(), freeze(Currency::Idr, &positions, &steps).unwrap());
        prop_assert_eq!(price.subtotal, before.subtotal, "what is gross stays");
        prop_assert_eq!(price.subtotal - price.discount, price.due);
        prop_assert_eq!(price.lines.iter().map(|line| line.net()).sum::<i64>(), price.due);
        prop_assert_eq!(price.lines.iter().map(|line| line.discount).sum::<i64>(), price.discount);
        for line in &price.lines {
            prop_assert!((0..=line.gross).contains(&line.discount), "{:?}", line);
        }
    }

    #[test]
    fn what_comes_off_together_comes_off_to_the_unit(
        positions in prop::collection::vec((0..=400_000_i64, 1..=QUANTITY_MAX), 1..=LINES_MAX),
        amount in 0..=900_000_000_i64,
    ) {
        let positions: Vec<_> = positions.into_iter().map(|(price, quantity)| one(price, quantity)).collect();
        let coupon = Coupon { currency: Currency::Idr, amount, lines: (0..positions.len()).collect() };
        let price = freeze(Currency::Idr, &positions, &[&coupon]).unwrap();
        prop_assert_eq!(price.discount, amount.min(price.subtotal));
    }
}
