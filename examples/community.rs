//! A community that a firm runs itself (自有社群): whom to invite as an ambassador?
//!
//! 400 founders post, buy and bring others, who do the same. How zealous each is, is drawn, and
//! with it how often they come, what they answer and whom they bring. What is decided is whom to
//! ask to speak for the firm, among those who agreed to be asked and to be seen in a network.
//! Asserted: the multiplier of word of mouth holds the truth in its interval; shares of what
//! referrals bring add up, whatever share φ the referrer gets, and counting both in full does not;
//! those who are invited bring more than the others. Run with `cargo run --release --example
//! community`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use guanxi::dimension::{Advocacy, EmotionalPolicy};
use guanxi::history::{
    AsOf, Community, CommunityEvent, Consent, Customer, CustomerId, NpsSurvey, PartyKind, Purchase,
    Purpose, ReferralConverted, ReferralMade, Role, Tag,
};
use guanxi::metric::{Periods, SampleMean, Window, stickiness_by_customer};
use guanxi::quantity::{Currency, DiscountRate, Fraction, Probability, Span};
use guanxi::relationship::{
    Attribution, EngagementScorer, EngagementTerms, EngagementValue, NewcomerWorth,
    word_of_mouth_multiplier,
};
use guanxi::scorer::Scorer;
use guanxi::summary::{Conversion, CustomerSummary, NetworkEvidence};

use sector::{
    Columns, Draws, LEVEL, Log, Outcome, day, eur, known_clv, logistic, named, permits, range,
    rounded, summaries, told,
};

const FOUNDERS: usize = 400;
const TODAY: f64 = 365.0;
/// Invitations by one member, and the share of them that is taken up: the truth, on average.
const INVITATIONS: f64 = 0.8;
const TAKEN_UP: f64 = 0.25;
/// The chance that a newcomer had come anyway, and what a referral costs and saves, in EUR.
const ANYWAY: f64 = 0.2;
const REWARD: f64 = 10.0;
const SAVED: f64 = 15.0;

/// A member; `zeal`, 1 on average, is what nobody sees.
struct Member {
    party: Customer,
    zeal: f64,
    brought: f64,
}

/// Members in the order in which they came: founders, then whom they brought, and so on.
fn grow(log: &mut Log) -> Outcome<Vec<Member>> {
    let mut waiting: Vec<f64> = vec![0.0; FOUNDERS];
    let mut members = Vec::new();
    while members.len() < waiting.len() {
        let number = members.len() as u64;
        let joined = waiting[members.len()];
        let mut draws = Draws::new(51, number);
        let who = named("member", number)?;
        let zeal = draws.normal(-0.32, 0.8).exp();
        for purpose in [Purpose::Analytics, Purpose::Sharing, Purpose::Marketing] {
            if draws.chance(0.9) {
                log.add(&who, joined, Consent::Granted { purpose })?;
            }
        }
        log.add(&who, joined, Community::new(CommunityEvent::Joined))?;
        let gap = 7.0 / logistic(1.2 * zeal.ln());
        for time in draws.arrivals(gap, joined, TODAY) {
            log.add(&who, time, Community::new(CommunityEvent::Posted))?;
        }
        let mut orders = draws.arrivals(40.0, joined, TODAY);
        orders.push(joined);
        for time in orders {
            log.add(&who, time, Purchase::new(eur(draws.between(20.0, 60.0))?)?)?;
        }
        let answer = draws.answer(7.5 + 1.5 * zeal.ln(), (0, 10));
        log.add(&who, joined.max(TODAY - 30.0), NpsSurvey::new(answer)?)?;
        // Invitations within two months of joining, at which zeal shows.
        let mut brought = 0.0;
        for time in draws.arrivals(60.0 / (INVITATIONS * zeal), joined, joined + 60.0) {
            log.add(&who, time, ReferralMade::new())?;
            if draws.chance(TAKEN_UP) {
                let newcomer = named("member", waiting.len() as u64)?;
                let converted = ReferralConverted::new(newcomer)
                    .with_probability_anyway(Probability::new(ANYWAY)?)
                    .with_reward_cost(eur(REWARD)?)?
                    .with_acquisition_saving(eur(SAVED)?)?;
                log.add(&who, time, converted)?;
                waiting.push(time + 1.0);
                brought += 1.0;
            }
        }
        let helps = Tag {
            label: ["recipes", "repairs", "newcomers"][members.len() % 3].to_owned(),
            confidence: Fraction::new(draws.between(0.3, 1.0))?,
            source: "moderators".to_owned(),
            at: day(joined),
        };
        let party = Customer::new(who, Role::Demander, PartyKind::Person).with_tag(helps);
        members.push(Member {
            party,
            zeal,
            brought,
        });
    }
    Ok(members)
}

/// Whom a member brought, as far as that may be read.
fn conversions(summary: &CustomerSummary) -> &[Conversion] {
    let network = summary.network().ok().flatten();
    network.map_or(&[], NetworkEvidence::conversions)
}

/// What each is worth with what they brought, by who gets the margin of a newcomer.
fn engagement(summaries: &[CustomerSummary], whose: Attribution) -> Outcome<Vec<EngagementValue>> {
    let clv = known_clv(40.0)?;
    let (mut worth, mut brought) = (Vec::<(CustomerId, NewcomerWorth)>::new(), Vec::new());
    for summary in summaries {
        worth.push((summary.customer().clone(), (&clv.score(summary)?).into()));
        // Only of networks that may be read: what a referrer does not get, the newcomer keeps.
        for item in conversions(summary) {
            brought.push((item.newcomer.clone(), Probability::new(ANYWAY)?));
        }
    }
    let terms = EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.10)?);
    let judge = EngagementScorer::new(clv, terms.with_attribution(whose))
        .with_newcomers(worth)
        .with_brought(brought);
    let values = summaries.iter().map(|summary| judge.score(summary));
    Ok(values.collect::<Result<_, _>>()?)
}

/// How many members one founder is in the end: each brings *k* others, who bring *k* others, and so
/// on.
fn word_of_mouth(members: &[Member]) -> Outcome<()> {
    let brought: Vec<f64> = members.iter().map(|member| member.brought).collect();
    let k = SampleMean::of(&brought)?.estimate(LEVEL)?;
    let k = k.ok_or("there are members")?;
    let (multiplier, within) = (
        |k| word_of_mouth_multiplier(k, Fraction::new(1.0)?),
        range(k)?,
    );
    let (low, high) = (multiplier(within.lower())?, multiplier(within.upper())?);
    let truth = word_of_mouth_multiplier(INVITATIONS, Fraction::new(TAKEN_UP)?)?;
    assert!((low..=high).contains(&truth));
    println!("{FOUNDERS} founders have become {} members.", members.len());
    println!(
        "A new one is {:.2} ({low:.2} to {high:.2}) in the end.",
        multiplier(k.mean())?
    );
    Ok(())
}

/// Whose is the margin of a newcomer? In shares of it, the sum stays what the members are worth.
fn shares_add_up(summaries: &[CustomerSummary]) -> Outcome<()> {
    let clv = known_clv(40.0)?;
    let (mut worth, mut saved) = (0.0, 0.0);
    for summary in summaries {
        worth += clv.score(summary)?.value();
        saved += conversions(summary).len() as f64 * (SAVED - (1.0 - ANYWAY) * REWARD);
    }
    let total = |whose| -> Outcome<f64> {
        let values = engagement(summaries, whose)?;
        Ok(values.iter().filter_map(EngagementValue::total).sum())
    };
    for phi in [0.0, 0.3, 0.5, 1.0] {
        let shared = total(Attribution::Shared(Fraction::new(phi)?))?;
        assert!((shared / (worth + saved) - 1.0).abs() < 1e-9);
    }
    let twice = total(Attribution::Person)?;
    assert!(twice > 1.05 * (worth + saved));
    let [worth, saved, twice] = [worth, saved, twice].map(|amount| rounded(amount, 0));
    println!("They are worth {worth} EUR, and referrals saved {saved} EUR on winning members;");
    println!("with margins of newcomers counted twice it would be {twice} EUR.");
    Ok(())
}

fn main() -> Outcome<()> {
    let mut log = Log::default();
    let members = grow(&mut log)?;
    let summaries = summaries(&log, TODAY)?;
    word_of_mouth(&members)?;
    shares_add_up(&summaries)?;

    // Whom to invite: promoters who have recommended, who are there in most weeks, and who agreed.
    let window = Window::new(day(-1.0), AsOf::at(day(TODAY)))?;
    let weeks = Periods::every(&window, Span::weeks(1.0)?)?;
    let sticky = stickiness_by_customer(log.events(), &weeks)?;
    let values = engagement(&summaries, Attribution::Shared(Fraction::new(0.5)?))?;
    let (mut invited, mut zeal) = (Vec::new(), [Vec::new(), Vec::new()]);
    for ((summary, value), member) in summaries.iter().zip(&values).zip(&members) {
        assert_eq!(summary.customer(), member.party.id()); // both in the order of names
        let rfm = summary.rfm();
        let purchases = rfm.map_or(0, |rfm| u64::from(rfm.frequency()) + 1);
        let evidence = summary.advocacy().ok().flatten(); // with consent to analytics
        let policy = EmotionalPolicy::default();
        let advocacy = evidence.map(|seen| Advocacy::of(seen, purchases, &policy));
        let comes = sticky.get(summary.customer());
        let comes = comes.and_then(|weeks| weeks.value()).unwrap_or(0.0);
        let agrees = permits(summary, Purpose::Marketing, TODAY)
            && permits(summary, Purpose::Sharing, TODAY);
        let ambassador = advocacy.transpose()?.filter(Advocacy::is_brand_ambassador);
        let ambassador = ambassador.filter(|_| agrees && comes >= 0.5);
        zeal[usize::from(ambassador.is_some())].push(member.zeal);
        if let Some(advocacy) = ambassador {
            // A tag is a hint what to ask about, and no evidence of worth: it decides nothing.
            let mut tags = member.party.tags().iter();
            let tag = tags.find(|tag| tag.confidence.value() >= 0.6);
            let cells = [
                summary.customer().to_string(),
                told(advocacy.rate(), 100.0, 0)?,
                rounded(100.0 * comes, 0),
                rounded(value.referral().unwrap_or(0.0), 0),
                tag.map_or_else(|| "–".to_owned(), |tag| tag.label.clone()),
            ];
            invited.push((advocacy.rate().mean(), cells));
        }
    }
    invited.sort_by(|a, b| b.0.total_cmp(&a.0));
    let headings = "invite|recommends, % (90 %)|weeks there, %|brought, EUR|ask about";
    let mut table = Columns::headed(1, headings);
    let number = invited.len();
    for (_, cells) in invited.into_iter().take(8) {
        table.row(cells);
    }
    println!("\n{}", table.text());

    // Held against what nobody sees: how many each brings in all, in truth.
    let [of_others, of_invited] = zeal.map(|of| SampleMean::of(&of));
    let more = of_others?.change(&of_invited?, LEVEL)?;
    let more = more.ok_or("members differ")?.difference();
    assert!(range(more)?.lower() > 0.0);
    println!("Recommendation: invite these {number}. One of them brings");
    println!(
        "{} members more than one of the others does;",
        told(more, INVITATIONS * TAKEN_UP, 2)?
    );
    println!("that is who they are, and not what inviting them adds.");
    Ok(())
}
