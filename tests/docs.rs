//! Documents that fail when they lie: `docs/analyses.md` is written from the cards.

use std::fmt::Write;

use linchpin::analysis::{CARDS, Model};

fn rendered() -> String {
    let mut out = String::from(
        "# Analyses\n\nWritten from the cards in the code; `linchpin <name> --help` says the same.\n",
    );
    for card in CARDS {
        write!(
            out,
            "\n## {} (`{}`)\n\n{}\n\n- **Definition.** {}\n- **Reads.** {}\n- **Assumptions.** {}\n- **A row rests on** {}, where it does not say more narrowly.\n- **Cost.** {}\n\
             - **Reference.** {}\n- **Example.** `{}`\n",
            card.title,
            card.name,
            card.question,
            card.definition,
            card.reads,
            card.assumptions,
            card.rests.describe(),
            card.cost,
            card.reference,
            card.example
        )
        .unwrap();
    }
    out.push_str("\n# Models of shock propagation\n\nFor `linchpin shock --model <name>`; `linchpin list models` says the same.\n");
    for model in Model::ALL {
        let card = model.card();
        write!(
            out,
            "\n## `{}`\n\n{}\n\n- **Equations.** {}\n- **Reads.** {}\n- **Assumptions.** {}\n- **Shocks.** {}\n\
             - **Cost.** {}\n- **Reference.** {}\n",
            card.name,
            card.question,
            card.equations,
            card.reads,
            card.assumptions,
            model.carried(),
            card.cost,
            card.reference
        )
        .unwrap();
    }
    out
}

#[test]
fn the_list_of_analyses_is_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/analyses.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, rendered()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, rendered(), "docs/analyses.md is out of date: UPDATE_DOCS=1 cargo test --test docs");
}
