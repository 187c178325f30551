//! The report as a manager reads it: a line for each thing that matters.

use std::fmt;

use super::calendar::local_date;
use super::{
    Appropriateness, Attribute, FittingGate, InvestmentAdvice, NetValueBasis, Party, PowerBalance,
    Tier, TierReport,
};
use crate::quantity::Probability;

impl TierReport {
    /// Where it stands, what it may lose, and what keeps it from the next rung.
    fn write_ladder(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tier = self.rung();
        match self.current() {
            Some(tier) => {
                write!(f, "customer {}: {tier}", self.customer())?;
                let standing = self.standing().map(|s| (s.since(), s.utc_offset_seconds));
                if let Some((Some(since), offset)) = standing {
                    write!(f, " since {}", local_date(since, offset))?;
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
        for group in by_source(&fitting.undecided()) {
            let above = above(ceiling);
            write!(f, "\nwhether {above} fits is not known: ")?;
            write_missing(f, &group)?;
        }
        match fitting.power() {
            None => {
                let needed = FittingGate::NoControl.needs().iter().copied();
                let missing: Vec<_> = needed.filter(|n| fitting.unknown().contains(n)).collect();
                for (n, group) in by_source(&missing).iter().enumerate() {
                    f.write_str(match n {
                        0 => "\nwho holds the power is not known: ",
                        _ => "; ",
                    })?;
                    write_missing(f, group)?;
                }
            }
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

/// Attributes that the same thing would tell of, together.
fn by_source(missing: &[Attribute]) -> Vec<Vec<Attribute>> {
    let mut groups: Vec<Vec<Attribute>> = Vec::new();
    for &attribute in missing {
        let told = |group: &&mut Vec<Attribute>| {
            group
                .iter()
                .any(|of| of.would_tell() == attribute.would_tell())
        };
        match groups.iter_mut().find(told) {
            Some(group) => group.push(attribute),
            None => groups.push(vec![attribute]),
        }
    }
    groups
}

/// What there is no evidence of, and the one thing that would tell.
fn write_missing(f: &mut fmt::Formatter<'_>, group: &[Attribute]) -> fmt::Result {
    for (n, attribute) in group.iter().enumerate() {
        let lead = if n > 0 { ", " } else { "no evidence of " };
        write!(f, "{lead}{attribute}")?;
    }
    match group.first() {
        Some(attribute) => write!(f, ": {}", attribute.would_tell()),
        None => Ok(()),
    }
}

/// The rung that a ceiling keeps out.
fn above(ceiling: Tier) -> Tier {
    ceiling.above().unwrap_or(ceiling)
}

impl fmt::Display for NetValueBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Observed => "observed",
            Self::Stated => "stated",
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

impl InvestmentAdvice {
    /// What the recommendation does not rest on.
    fn write_grounds(&self, f: &mut fmt::Formatter<'_>, target: Tier) -> fmt::Result {
        let ceiling = self.ceiling();
        let known = |tier: &Tier| self.net_value(*tier).is_some();
        let mut upto = Tier::RUNGS.into_iter().take_while(|&tier| tier <= ceiling);
        if ceiling > Tier::Transaction && upto.by_ref().filter(known).count() == 1 {
            write!(
                f,
                ", the only rung up to {ceiling} whose net value is known"
            )?;
        }
        if target != self.current() {
            return Ok(());
        }
        let mean = |tier| self.net_value(tier).map(|net| net.estimate().mean());
        let beyond = Tier::RUNGS.into_iter().filter(|&tier| tier > ceiling);
        let more = beyond
            .filter_map(|tier| Some((tier, mean(tier)?)))
            .filter(|(_, there)| mean(target).is_some_and(|here| *there > here))
            .max_by(|(_, x), (_, y)| x.total_cmp(y));
        if let Some((higher, _)) = more {
            write!(
                f,
                ", though {higher} would leave more, as that is not shown to fit"
            )?;
        }
        Ok(())
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
                        // In whole units, and nothing below 0 that rounds to it.
                        let mean = mean.round() + 0.0;
                        write!(f, "{mean:.0} ± {sd:.0} ({})", net.basis())?;
                    }
                }
            }
        } else {
            write!(f, "net value a year: not known")?;
        }
        let (current, next) = (self.current(), self.next());
        match self.target() {
            None => write!(f, "\nno rung is recommended: too few net values are known")?,
            Some(target) if target == current => write!(f, "\nrecommended: stay at {target}")?,
            Some(target) => write!(f, "\nrecommended: {target}")?,
        }
        if let Some(target) = self.target() {
            self.write_grounds(f, target)?;
        }
        if next != current && Some(next) != self.target() {
            write!(f, ", and {next} is the next step")?;
        }
        if current > self.ceiling() {
            write!(f, ", as {current} does not fit")?;
        }
        if let Some(better) = self.probability_better() {
            write!(f, "; it leaves more with probability {:.2}", better.value())?;
        }
        let Some(appropriateness) = self.appropriateness() else {
            return Ok(());
        };
        match appropriateness {
            Appropriateness::Fitting => write!(f, "\nthe effort pays:")?,
            other => write!(f, "\nthe effort is {other}:")?,
        }
        let loss = self.probability_of_loss().map_or(0.0, Probability::value);
        write!(f, " it loses money with probability {loss:.2}")?;
        // What is shown as 0 is not worth a word.
        if let Some((tier, p)) = self.better_below().filter(|(_, p)| p.value() >= 0.005) {
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
