//! Enums of which each value has a name: the one that the database holds, that is counted, or that words are found by.

/// A value that has a name.
pub trait Named: Copy + Eq + 'static {
    /// All values, as they are declared.
    const VALUES: &'static [Self];

    /// The name of a value.
    fn named(self) -> &'static str;
}

/// The value of a name, if there is one.
#[must_use]
pub fn find<T: Named>(name: &str) -> Option<T> {
    T::VALUES.iter().copied().find(|value| value.named() == name)
}

/// Defines an enum with the name of each value behind it: `Paid = "PAID"`. It can then tell `ALL` of its values, the `name`
/// of one, and the one of a name.
#[macro_export]
macro_rules! named {
    (
        $(#[$about:meta])*
        $visibility:vis enum $Enum:ident {
            $($(#[$about_value:meta])* $Value:ident = $name:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $Enum {
            $($(#[$about_value])* $Value,)+
        }

        impl $Enum {
            /// All values, as they are declared.
            $visibility const ALL: [Self; [$($name),+].len()] = [$(Self::$Value),+];

            /// Its name.
            #[must_use]
            $visibility const fn name(self) -> &'static str {
                match self {
                    $(Self::$Value => $name,)+
                }
            }

            /// The value of a name, if there is one.
            #[must_use]
            $visibility fn from_name(name: &str) -> Option<Self> {
                $crate::named::find(name)
            }
        }

        impl $crate::named::Named for $Enum {
            const VALUES: &'static [Self] = &Self::ALL;

            fn named(self) -> &'static str {
                self.name()
            }
        }
    };
}

#[cfg(test)]
mod tests {
    named! {
        /// Of this test.
        #[derive(PartialOrd, Ord)]
        enum Fruit {
            /// A word.
            Pisang = "PISANG",
            JerukBali = "JERUK_BALI",
        }
    }

    #[test]
    fn a_value_is_found_by_its_name_and_by_no_other() {
        assert_eq!(Fruit::ALL, [Fruit::Pisang, Fruit::JerukBali]);
        for fruit in Fruit::ALL {
            assert_eq!(Fruit::from_name(fruit.name()), Some(fruit));
        }
        assert_eq!(Fruit::JerukBali.name(), "JERUK_BALI");
        assert_eq!(Fruit::from_name("pisang"), None);
        assert_eq!(Fruit::from_name(""), None);
        assert!(Fruit::Pisang < Fruit::JerukBali);
    }
}
