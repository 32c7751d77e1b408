//! Lists as files: comma-separated values (RFC 4180) that are safe to open in a spreadsheet, or an object a line.

use serde_json::Value;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A line an order.
    Orders,
    /// A line a ticket.
    Tickets,
    /// A line a place that changed.
    Ledger,
}

impl Export {
    /// The export of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "orders" => Some(Self::Orders),
            "tickets" => Some(Self::Tickets),
            "ledger" => Some(Self::Ledger),
            _ => None,
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Tickets => "tickets",
            Self::Ledger => "ledger",
        }
    }

    /// The columns, which are members of [`Self::lines`].
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Orders => &[
                "id",
                "created_at",
                "status",
                "version",
                "ref",
                "buyer",
                "payment_ref",
                "currency",
                "amount",
                "amount_cancelled",
                "valid",
                "cancelled",
                "hold_id",
                "seq",
            ],
            Self::Tickets => &[
                "order_id",
                "id",
                "label",
                "section",
                "row",
                "seat",
                "guid",
                "category",
                "ticket_type",
                "price",
                "currency",
                "code",
                "status",
                "replaces",
                "buyer",
                "ref",
                "created_at",
            ],
            Self::Ledger => &[
                "seq",
                "at",
                "kind",
                "actor",
                "buyer",
                "ignored",
                "place",
                "area",
                "units",
                "from",
                "to",
                "channel",
                "hold_id",
                "order_id",
                "ticket_id",
                "ticket_type",
                "price",
            ],
        }
    }

    /// The lines that one order, or one item of the ledger, comes to.
    #[must_use]
    pub fn lines(self, of: Value) -> Vec<Value> {
        let Value::Object(mut members) = of else { return Vec::new() };
        let (inner, shared): (_, &[(&str, &str)]) = match self {
            Self::Orders => {
                let tickets = members.get("tickets").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let valid = tickets.iter().filter(|ticket| ticket["status"] == "valid").count();
                let cancelled = tickets.len() - valid;
                members.insert("valid".to_owned(), valid.into());
                members.insert("cancelled".to_owned(), cancelled.into());
                return vec![Value::Object(members)];
            }
            Self::Tickets => (
                members.remove("tickets"),
                &[
                    ("id", "order_id"),
                    ("buyer", "buyer"),
                    ("ref", "ref"),
                    ("currency", "currency"),
                    ("created_at", "created_at"),
                ],
            ),
            Self::Ledger => (
                members.remove("changes"),
                &[
                    ("seq", "seq"),
                    ("at", "at"),
                    ("kind", "kind"),
                    ("actor", "actor"),
                    ("buyer", "buyer"),
                    ("ignored", "ignored"),
                ],
            ),
        };
        let mut lines = match inner {
            Some(Value::Array(lines)) => lines,
            _ => Vec::new(),
        };
        if lines.is_empty() && self == Self::Ledger {
            // What changed no place is a line as well.
            lines.push(Value::Object(serde_json::Map::new()));
        }
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            for (from, to) in shared {
                if let Some(value) = members.get(*from) {
                    line.insert((*to).to_owned(), value.clone());
                }
            }
        }
        lines
    }

    /// A line as comma-separated values.
    #[must_use]
    pub fn csv(self, line: &Value) -> String {
        let cells = self.columns().iter().map(|column| cell(&line[*column]));
        let mut row = cells.collect::<Vec<_>>().join(",");
        row.push_str("\r\n");
        row
    }

    /// The first line of a file of comma-separated values. The mark before it lets spreadsheets see that it is UTF-8.
    #[must_use]
    pub fn csv_head(self) -> String {
        format!("\u{feff}{}\r\n", self.columns().join(","))
    }
}

/// One value. People write their own names: a text that a spreadsheet would compute is kept a text by an apostrophe.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::Number(number) => return number.to_string(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().unwrap_or_default()).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_is_what_it_was_and_never_a_formula() {
        for (value, expected) in [
            (json!(null), ""),
            (json!(-5), "-5"),
            (json!("plain"), "plain"),
            (json!("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\""),
            (json!("=1+1"), "'=1+1"),
            (json!("@cmd"), "'@cmd"),
            (json!(["limits", "channels"]), "limits channels"),
        ] {
            assert_eq!(cell(&value), expected);
        }
    }

    #[test]
    fn an_order_is_a_line_and_so_is_each_of_its_tickets() {
        let order = json!({
            "id": "ord_1", "buyer": "ada", "currency": "EUR",
            "tickets": [{ "id": "tkt_1", "status": "valid", "price": 5 }, { "id": "tkt_2", "status": "cancelled", "price": 7 }],
        });
        let [line] = &Export::Orders.lines(order.clone())[..] else { panic!("one line") };
        assert_eq!((&line["valid"], &line["cancelled"]), (&json!(1), &json!(1)));
        let tickets = Export::Tickets.lines(order);
        assert_eq!(Export::Tickets.csv(&tickets[1]), "ord_1,tkt_2,,,,,,,,7,EUR,,cancelled,,ada,,\r\n");
        assert_eq!(Export::Ledger.lines(json!({ "seq": 3, "kind": "event", "changes": [] })).len(), 1);
    }
}
