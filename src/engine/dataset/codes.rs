//! The register of diagnostic codes: one line each, from which documentation is generated.

use serde::{Serialize, Serializer};

/// Whether a problem stops a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The dataset is not used.
    Error,
    /// The dataset is used; the reader should look.
    Warning,
}

/// Declares the codes with severity, name and explanation.
macro_rules! codes {
    ($($variant:ident $severity:ident $name:literal $explanation:literal;)*) => {
        /// What sort of problem a diagnostic reports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $explanation] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The stable name, in kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Whether it stops a load.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// One line that says what is wrong.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $explanation,)* }
            }
        }
    };
}

codes! {
    NoFiles Error "no-files" "The folder holds no `.ron` file.";
    Unreadable Error "unreadable" "A file or folder cannot be read.";
    TooLarge Error "too-large" "A file is larger than the reader accepts.";
    NotUtf8 Error "not-utf8" "A file is not UTF-8 text.";
    EmptyFile Error "empty-file" "A file holds nothing but blanks and comments.";
    ConflictMarker Error "conflict-marker" "A file holds the markers of an unresolved merge.";
    Syntax Error "syntax" "The text is not RON.";
    TooDeep Error "too-deep" "Brackets are nested too deep.";
    WrongType Error "wrong-type" "A value is not of the kind that its field takes.";
    UnknownField Error "unknown-field" "A record has no such field.";
    UnknownVariant Error "unknown-variant" "There is no such type, unit or word here.";
    UnknownSection Error "unknown-section" "A file has no such section.";
    MissingField Error "missing-field" "A required field is absent.";
    DuplicateField Error "duplicate-field" "A field, section or key is written twice in one place.";
    Format Error "format" "`format` is missing, or names a format that this version does not read.";
    DuplicateId Error "duplicate-id" "Two records of one section have the same id.";
    RepeatedMeta Error "repeated-meta" "`name`, `title`, `description` or `as_of` is given by more than one file.";
    BadId Error "bad-id" "An id is not kebab-case.";
    UnknownEntity Error "unknown-entity" "No entity has this id.";
    UnknownProduct Error "unknown-product" "No product has this id.";
    UnknownSource Error "unknown-source" "No source has this id.";
    UnknownKind Error "unknown-kind" "No kind has this id.";
    UnknownRelation Error "unknown-relation" "No relation has this id.";
    AmbiguousSubject Error "ambiguous-subject" "An id is both an entity and a product, and the record does not say which it means.";
    NotFinite Error "not-finite" "A number is infinite or not a number.";
    Negative Error "negative" "A number is negative where that means nothing.";
    Zero Error "zero" "A number is zero where that means nothing.";
    ShareRange Error "share-range" "A share is not between 0 and 1.";
    WrongDimension Error "wrong-dimension" "A field takes one sort of quantity and has another.";
    UnlikeUnits Error "unlike-units" "Sizes that belong together are in unlike units.";
    EmptyRange Error "empty-range" "The low end of a range lies above its high end.";
    NestedEstimate Error "nested-estimate" "A word of estimate stands inside another.";
    NoClaims Error "no-claims" "`Claims` holds no claim.";
    BadDate Error "bad-date" "A date cannot be read or does not exist.";
    DateOrder Error "date-order" "A date that must come later does not.";
    BadCountry Error "bad-country" "A country is not an ISO 3166 two-letter code.";
    BadCurrency Error "bad-currency" "A currency is not an ISO 4217 three-letter code.";
    MissingEvidence Error "missing-evidence" "A record names neither a source nor the reason why it is assumed.";
    MissingStatus Error "missing-status" "A deal does not say how firm it is.";
    StatusConflict Error "status-conflict" "`status` is not the last status of `history`.";
    MissingMeasure Error "missing-measure" "A record says nothing of what it is about.";
    SelfRelation Error "self-relation" "A relation leads from an entity to itself.";
    UnlikeTotal Error "unlike-total" "A tranche and its total are of unlike types or units.";
    TrancheCycle Error "tranche-cycle" "Tranches are part of each other.";
    NoRate Error "no-rate" "A currency has no exchange rate.";
    LateRate Warning "late-rate" "A currency has no exchange rate on or before the date; the earliest one is used.";
    SharesAboveOne Error "shares-above-one" "Shares of one whole add up to more than the whole.";
    SharesRescaled Warning "shares-rescaled" "Shares of one whole add up to slightly more than the whole, or may do; they are scaled down to it.";
    OwnershipAboveOne Error "ownership-above-one" "More than all of an entity is owned.";
    OwnershipCycle Error "ownership-cycle" "Entities own each other entirely, so that nobody does.";
    OrphanEntity Warning "orphan-entity" "Nothing refers to an entity and it has no relation or attribute.";
    MembersOfNoGroup Warning "members-of-no-group" "An entity has members but is not marked as a group.";
    TableNotFound Error "table-not-found" "A table's file does not exist inside the dataset.";
    TableColumn Error "table-column" "A table lacks a column that it needs.";
    UnknownColumn Warning "unknown-column" "A table has a column that is not read.";
    TableRow Error "table-row" "A row of a table cannot be read.";
    RepeatedPair Warning "repeated-pair" "A table names the same pair more than once; the weights add up.";
    UnbalancedSector Warning "unbalanced-sector" "A sector's deliveries and accounts do not add up to its output.";
    MisplacedRow Warning "misplaced-row" "A table that is cut into parts has a row in the file or group of another part; an error where processes share the links.";
    Suppressed Error "suppressed" "There are more problems of this file than are shown.";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
