//! Entities, products and sources.

use indexmap::IndexMap;

use crate::model::{Entity, Need, Product, ProductId, Source};

use super::super::codes::Code;
use super::super::read::{Keyed, quoted};
use super::super::record::{EntityRecord, NeedRecord, ProductRecord, SourceRecord};
use super::super::trail::{Step, Trail};
use super::Lowering;
use super::measure::{Limits, Sort};

/// ISO 3166-1 alpha-2 codes, and `EU` and `XK`, which are in wide use.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO \
    BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG \
    EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU \
    ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY \
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM \
    PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS \
    ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS \
    XK YE YT ZA ZM ZW";

impl Lowering<'_> {
    /// Checks a country.
    pub(super) fn country(&mut self, trail: &Trail, code: &str) {
        if code.len() == 2 && COUNTRIES.split_ascii_whitespace().any(|known| known == code) {
            return;
        }
        let upper = code.to_uppercase();
        let meant = match upper.as_str() {
            "UK" => Some("GB"),
            "EL" => Some("GR"),
            other => COUNTRIES.split_ascii_whitespace().find(|known| *known == other),
        };
        let message = format!("{} is not a country", quoted(code));
        let diagnostic = self.session.report(trail, Code::BadCountry, message);
        diagnostic.expected = Some("an ISO 3166 two-letter code such as US or TW".to_string());
        diagnostic.nearest = meant.map(str::to_string).into_iter().collect();
    }

    pub(super) fn source(&mut self, keyed: &Keyed<SourceRecord>, record: &SourceRecord) -> Option<Source> {
        let trail = Trail::record(keyed.mark);
        Some(Source {
            key: keyed.key.clone(),
            title: record.title.clone(),
            publisher: record.publisher.clone(),
            url: record.url.clone(),
            date: self.date_field(&trail, "date", record.date.as_deref()),
            reliability: record.reliability,
        })
    }

    /// Reads how something is needed.
    fn need(&mut self, trail: &Trail, record: &NeedRecord) -> Need {
        match record {
            NeedRecord::Essential => Need::Essential,
            NeedRecord::Optional => Need::Optional,
            NeedRecord::NotNeeded => Need::NotNeeded,
            NeedRecord::Important(weight) => {
                let number = trail.item(0);
                if self.finite(&number, *weight)
                    && self.positive(&number, *weight, "the weight of a need")
                    && *weight > 1.0
                {
                    let message = format!("the weight of a need lies between 0 and 1; this is {weight}");
                    self.session.report(&number, Code::ShareRange, message);
                }
                Need::Important(*weight)
            }
        }
    }

    /// Reports a key that stands twice in a map.
    fn repeated(&mut self, trail: &Trail, len: usize) {
        if len < 1 {
            return;
        }
        let mark = trail.mark();
        let text = self.session.text(mark.file);
        if let Some((first, second)) = super::super::trail::repeated_key(text, &trail.locate(text)) {
            let first = self.session.span(mark.file, first);
            let span = self.session.span(mark.file, second);
            let problem =
                super::super::diagnostic::Diagnostic::new(Code::DuplicateField, span, "a key stands twice");
            self.session.push(problem.related(first, "first here"));
        }
    }

    pub(super) fn product(
        &mut self,
        keyed: &Keyed<ProductRecord>,
        record: &ProductRecord,
    ) -> Option<Product> {
        let trail = Trail::record(keyed.mark);
        self.tier(&trail, record.tier);
        let map = trail.field("needed_by");
        self.repeated(&map, record.needed_by.len());
        let mut needed_by = IndexMap::new();
        for (kind, need) in &record.needed_by {
            let need = self.need(&map.to(Step::Value(kind)), need);
            if let Some(kind) = self.kind_id(&map.to(Step::Key(kind)), kind) {
                needed_by.insert(kind, need);
            }
        }
        needed_by.sort_unstable_keys();
        let time = Limits::with_zero(&[Sort::Time]);
        let market = self.product_field(&trail, "market", record.market.as_deref());
        Some(Product {
            key: keyed.key.clone(),
            name: record.name.clone().unwrap_or_else(|| keyed.key.clone()),
            unit: record.unit.clone(),
            tier: record.tier,
            market,
            lead_time: self.measure(&trail, "lead_time", record.lead_time.as_ref(), time),
            inventory: self.measure(&trail, "inventory", record.inventory.as_ref(), time),
            needed_by,
            note: record.note.clone(),
            place: self.session.place(keyed.mark),
        })
    }

    pub(super) fn entity(&mut self, keyed: &Keyed<EntityRecord>, record: &EntityRecord) -> Option<Entity> {
        let trail = Trail::record(keyed.mark);
        let kind = self.kind_id(&trail.field("kind"), &record.kind);
        if let Some(seat) = &record.seat {
            self.country(&trail.field("seat"), seat);
        }
        let list = trail.field("production");
        for (at, code) in record.production.iter().enumerate() {
            self.country(&list.item(at), code);
        }
        let list = trail.field("members");
        let mut members = Vec::new();
        for (at, key) in record.members.iter().enumerate() {
            if *key == keyed.key {
                self.session.report(&list.item(at), Code::SelfRelation, "a group is a member of itself");
            }
            members.extend(self.entity_id(&list.item(at), key));
        }
        if !members.is_empty() && !record.group {
            let message = "an entity with members is a group";
            self.session.report(&list, Code::MembersOfNoGroup, message).hint =
                Some("add `group: true`".to_string());
        }
        let map = trail.field("needs");
        self.repeated(&map, record.needs.len());
        let mut needs: IndexMap<ProductId, Need> = IndexMap::new();
        for (product, need) in &record.needs {
            let need = self.need(&map.to(Step::Value(product)), need);
            if let Some(product) = self.product_id(&map.to(Step::Key(product)), product) {
                needs.insert(product, need);
            }
        }
        needs.sort_unstable_keys();
        Some(Entity {
            key: keyed.key.clone(),
            name: record.name.clone().unwrap_or_else(|| keyed.key.clone()),
            kind: kind?,
            seat: record.seat.clone(),
            production: record.production.clone(),
            group: record.group || !members.is_empty(),
            members,
            needs,
            tier: None,
            note: record.note.clone(),
            place: self.session.place(keyed.mark),
        })
    }
}
