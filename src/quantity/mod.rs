//! Checked numbers with their units.
