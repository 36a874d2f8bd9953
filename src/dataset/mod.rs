//! RON files and tables of a folder → a checked [`crate::model`]. The only reader of datasets; all
//! validation happens here.

mod record;
