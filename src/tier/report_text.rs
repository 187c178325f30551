//! The report as a manager reads it: a line for each thing that matters.

use std::fmt;

use super::{
    Appropriateness, GateOutcome, InvestmentAdvice, NetValueBasis, Party, PowerBalance, Tier,
    TierReport,
};

impl TierReport {
    /// Where it stands, what it may lose, and what keeps it from the next rung.
    fn write_ladder(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tier = self.rung();
        match self.current() {
            Some(tier) => {
                write!(f, "customer {}: {tier}", self.customer())?;
                if let Some(since) = self.since() {
                    write!(f, " since {}", since.date_naive())?;
                }
            }
            None => write!(
                f,
                "customer {}: not tracked, the evidence supports {tier}",
                self.customer()
            )?,
        }
        for check in self.failing_gates() {
            write!(f, "\nat risk: {check}")?;
        }
        let Some(above) = tier.above() else {
            return Ok(());
        };
        if self.is_barred() {
            write!(f, "\n{above} is blocked: trust has collapsed")?;
        }
        for check in self.blocking_gates() {
            write!(f, "\n{above} is blocked: {check}")?;
        }
        Ok(())
    }

    /// Up to which rung a closer relationship fits, why not further, and what would tell.
    fn write_fitting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitting = self.fitting();
        let (ceiling, possible) = (fitting.ceiling(), fitting.possible());
        write!(f, "\nfits up to {ceiling}")?;
        if possible > ceiling {
            write!(f, ", or up to {possible} by what is not known yet")?;
        }
        for check in fitting.limits() {
            write!(f, "\n{} does not fit: {check}", above(ceiling))?;
        }
        let open = fitting
            .checks()
            .iter()
            .any(|check| check.outcome() == GateOutcome::Unknown);
        for &attribute in fitting.unknown().iter().filter(|_| open) {
            write!(
                f,
                "\nno evidence of {attribute}: {}",
                attribute.would_tell()
            )?;
        }
        match fitting.power() {
            None => write!(f, "\nwho holds the power is not known")?,
            Some(power) => {
                let balance = power.balance();
                let who = match balance {
                    PowerBalance::Balanced => "neither side controls the other",
                    PowerBalance::FirmDominant => "the firm holds the power",
                    PowerBalance::CustomerDominant => "the customer holds the power",
                };
                let [firm, customer] = [Party::Firm, Party::Customer].map(|p| power.dependence(p));
                write!(
                    f,
                    "\n{who} (P {:.2}): the customer depends by {:.2} ± {:.2}, the firm by {:.2} ± {:.2}",
                    power.probability(balance).value(),
                    customer.mean(),
                    customer.sd(),
                    firm.mean(),
                    firm.sd(),
                )?;
            }
        }
        Ok(())
    }
}

/// The rung that a ceiling keeps out.
fn above(ceiling: Tier) -> Tier {
    ceiling.above().unwrap_or(ceiling)
}

impl fmt::Display for NetValueBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Customer => "of the customer",
            Self::Peers => "of peers",
            Self::OtherPeers => "of peers of other value tiers",
        })
    }
}

impl fmt::Display for Appropriateness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fitting => "fitting",
            Self::Watch => "to be watched",
            Self::Extravagant => "extravagant",
        })
    }
}

/// What each rung leaves, which one is recommended, and whether the present effort fits.
impl fmt::Display for InvestmentAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(net_values) = self.net_values() {
            write!(f, "net value a year in {}:", net_values.currency)?;
            for (n, (tier, net)) in net_values.by_tier.iter().enumerate() {
                write!(f, "{} {tier} ", if n > 0 { "," } else { "" })?;
                match net {
                    None => write!(f, "not known")?,
                    Some(net) => {
                        let (mean, sd) = (net.estimate().mean(), net.estimate().sd());
                        write!(f, "{mean:.2} ± {sd:.2} ({})", net.basis())?;
                    }
                }
            }
        } else {
            write!(f, "net value a year: not known")?;
        }
        let (current, next) = (self.current(), self.next());
        match self.target() {
            Some(target) => write!(f, "\nrecommended: {target}")?,
            None => write!(f, "\nno rung is recommended: too few net values are known")?,
        }
        if next == current {
            write!(f, "; stay {current}")?;
        } else {
            write!(f, "; the next step is to {next}")?;
        }
        if current > self.ceiling() {
            write!(f, ", as {current} does not fit")?;
        } else if let Some(better) = self.probability_better().filter(|_| next != current) {
            write!(f, ", better with probability {:.2}", better.value())?;
        }
        let Some(appropriateness) = self.appropriateness() else {
            return Ok(());
        };
        write!(f, "\nthe investment is {appropriateness}:")?;
        let loss = self.probability_of_loss().map_or(0.0, |p| p.value());
        write!(f, " it loses money with probability {loss:.2}")?;
        if let Some((tier, p)) = self.better_below() {
            write!(f, ", {tier} would leave more with {:.2}", p.value())?;
        }
        Ok(())
    }
}

impl fmt::Display for TierReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_ladder(f)?;
        self.write_fitting(f)?;
        write!(f, "\n{}", self.advice())
    }
}
