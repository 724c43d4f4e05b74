//! Enums of the API and ours whose values have the same names: each pair is listed once.

/// `Ours => Api { Value, … }` makes functions between the two: `to` answers the API's value of ours, and a value that is
/// not listed does not compile; `from` answers ours of the API's, `None` for `UNSPECIFIED` and for what the API alone has.
macro_rules! same_values {
    ($Ours:ty => $Api:ty { $($Value:ident),+ $(,)? }, to: $to:ident) => {
        pub(super) const fn $to(ours: $Ours) -> $Api {
            match ours {
                $(<$Ours>::$Value => <$Api>::$Value,)+
            }
        }
    };
    ($Ours:ty => $Api:ty { $($Value:ident),+ $(,)? }, from: $from:ident) => {
        pub(super) const fn $from(api: $Api) -> Option<$Ours> {
            match api {
                $(<$Api>::$Value => Some(<$Ours>::$Value),)+
                _ => None,
            }
        }
    };
    ($Ours:ty => $Api:ty { $($Value:ident),+ $(,)? }, to: $to:ident, from: $from:ident) => {
        same_values!($Ours => $Api { $($Value),+ }, to: $to);
        same_values!($Ours => $Api { $($Value),+ }, from: $from);
    };
}

pub(super) use same_values;
