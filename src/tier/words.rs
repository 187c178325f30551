//! What a gate needs, said in a sentence.

use std::fmt;

use super::{Attribute, AttributeValue, GateAim, GateCheck};
use crate::history::Rank;
use crate::numeric::special::normal_quantile;

fn rank(rank: Rank) -> &'static str {
    match rank {
        Rank::None => "anyone",
        Rank::Operational => "operational staff",
        Rank::KeyPerson => "key persons",
        Rank::Director => "directors",
        Rank::TopExecutive => "top executives",
    }
}

impl Attribute {
    /// What would tell of it where nothing is known, such as `"a review of goals would tell"`.
    #[must_use]
    pub fn would_tell(self) -> &'static str {
        match self {
            Self::Transaction => "a first purchase would do",
            Self::ContactLevel => "contacts with the ranks of both sides would tell",
            Self::InformationSharing => "what either side shares with the other would tell",
            Self::Preference => "quotes won and lost, or the share of wallet, would tell",
            Self::Alignment => "a review of goals would tell",
            Self::JointValue => "joint projects, and the cost of every purchase, would tell",
            Self::SwitchingCostOfFirm => {
                "the firm's own answer on what leaving would cost, or its investments in this \
                 relationship alone, would tell"
            }
            Self::SwitchingCostOfCustomer => {
                "the customer's answer on what leaving would cost would tell"
            }
            Self::ImportanceToFirm | Self::AlternativesOfFirm => "the firm's own answer would tell",
            Self::ImportanceToCustomer | Self::AlternativesOfCustomer => {
                "the customer's answer would tell"
            }
            Self::Tie => "an equity tie or an alliance agreement would do",
            Self::Trust => "promises, deliveries, complaints or answers on trust would tell",
            Self::Tenure => "a first purchase or contract would begin it",
        }
    }
}

/// What would raise an attribute.
fn would_raise(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Transaction => "sell once",
        Attribute::ContactLevel => "meet higher up on both sides",
        Attribute::InformationSharing => "share plans and strategy, both ways and more often",
        Attribute::Preference => "win quotes at terms no better than a rival's",
        Attribute::Alignment => "review goals with the customer",
        Attribute::JointValue => "create more of the value together",
        Attribute::SwitchingCostOfFirm => "invest in what is of use in this relationship alone",
        Attribute::SwitchingCostOfCustomer => "offer what the customer would miss by leaving",
        Attribute::ImportanceToFirm | Attribute::ImportanceToCustomer => {
            "serve more of the customer's need"
        }
        Attribute::AlternativesOfFirm | Attribute::AlternativesOfCustomer => {
            "offer what is hard to replace"
        }
        Attribute::Tie => "agree on an alliance, or take a stake",
        Attribute::Trust => "keep promises, deliver on time and settle complaints",
        Attribute::Tenure => "stay together",
    }
}

impl GateCheck {
    /// What would open the gate.
    fn remedy(&self, f: &mut fmt::Formatter<'_>, value: AttributeValue) -> fmt::Result {
        if let Some((needed, met)) = self.contacts {
            return write!(
                f,
                "{} of both sides met {met:.1} times, each counting by its age, and {:.1} are needed",
                rank(needed),
                self.contacts_needed,
            );
        }
        let act = would_raise(self.attribute());
        if self.attribute() == Attribute::Tenure {
            let missing = (self.threshold() - value.mean()).max(0.0);
            return write!(f, "{act} for {missing:.1} more years");
        }
        let needed = self.needed_alone();
        if let Some((other, _)) = self.other().filter(|_| needed >= 1.0) {
            return write!(f, "{other} must rise too; {act}");
        }
        let sd = value.sd();
        if sd <= 0.0 {
            return f.write_str(act);
        }
        // Where the normal distribution would reach the threshold with the needed probability.
        let mean = self.threshold() + normal_quantile(needed) * sd;
        let to = match self.aim() {
            GateAim::Reach => "to",
            GateAim::Hold => "above",
        };
        if mean > 1.0 {
            write!(f, "it rests on too little evidence; {act}")
        } else if mean > value.mean() {
            write!(f, "at this certainty it must rise {to} {mean:.2}; {act}")
        } else {
            // A skew distribution, of which the normal one is too rough a picture.
            f.write_str(act)
        }
    }

    /// What is known, and how that stands to what is needed.
    fn state(&self, f: &mut fmt::Formatter<'_>, value: AttributeValue, p: f64) -> fmt::Result {
        let (attribute, threshold) = (self.attribute(), self.threshold());
        match attribute {
            Attribute::Transaction if p > 0.0 => return write!(f, "there is {attribute}"),
            Attribute::Transaction => return f.write_str("there is no transaction yet"),
            Attribute::Tie if p > 0.0 => return write!(f, "there is {attribute}"),
            Attribute::Tie => return write!(f, "there is no longer {attribute}"),
            _ => write!(f, "{attribute} is {:.2}", value.mean())?,
        }
        let uncertain = value.sd() > 0.0;
        if uncertain {
            write!(f, " ± {:.2}", value.sd())?;
        }
        let both = self.other().is_some();
        match (self.aim(), uncertain || both) {
            (GateAim::Reach, false) => write!(f, ", {threshold:.2} is needed"),
            (GateAim::Reach, true) => {
                let needed = self.needed();
                write!(
                    f,
                    ", {threshold:.2} is needed with probability {needed:.2} and "
                )?;
                let reach = if both {
                    "both sides reach it"
                } else {
                    "is reached"
                };
                write!(f, "{reach} with {p:.2}")
            }
            (GateAim::Hold, false) => write!(f, "; the rung is lost below {threshold:.2}"),
            (GateAim::Hold, true) => {
                let of = if both { " of both sides" } else { "" };
                write!(
                    f,
                    "; the rung is lost if {threshold:.2}{of} is no more probable than {:.2}, and it is \
                     {p:.2}",
                    self.needed()
                )
            }
        }
    }
}

impl fmt::Display for GateCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (attribute, threshold) = (self.attribute(), self.threshold());
        let (Some(value), Some(p)) = (self.value(), self.probability()) else {
            let told = attribute.would_tell();
            return match attribute {
                Attribute::Transaction | Attribute::Tie => {
                    write!(f, "no evidence of {attribute}: {told}")
                }
                _ => write!(
                    f,
                    "no evidence of {attribute}, {threshold:.2} is needed: {told}"
                ),
            };
        };
        self.state(f, value, p.value())?;
        if self.passes() {
            return Ok(());
        }
        f.write_str(": ")?;
        self.remedy(f, value)
    }
}
