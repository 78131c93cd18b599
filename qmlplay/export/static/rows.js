// Many rows at once: a pasted table → a table of answers, and CSV.

const MOST_SHOWN = 200;
const NO_ROWS = "Paste a row first: a value per column, separated by commas, semicolons or tabs.";

// Pasted text → rows of values, in the order of the model's columns; errors name the line.
function readRows(text, inputs) {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line, number: i + 1 })).filter(({ line }) => line.trim());
  if (!lines.length) throw new Error(NO_ROWS);
  const separator = ["\t", ";", ","].find((sign) => lines[0].line.includes(sign)) ?? ",";
  const rows = lines.map(({ line, number }) => ({ cells: splitCells(line, separator), number }));
  const order = columnOrder(rows[0].cells, inputs);
  if (order) rows.shift();
  if (!rows.length) throw new Error(NO_ROWS);
  return rows.map(({ cells, number }) => {
    const least = order ? Math.max(...order) + 1 : inputs.length;
    if (cells.length < least || (!order && cells.length > least)) {
      throw new Error(`Line ${number} has ${cells.length} values, but ${least} are needed: ${inputs.map((input) => input.name).join(", ")}`);
    }
    return inputs.map((input, i) => {
      try {
        const cell = cells[order ? order[i] : i];
        return readValue(input, separator === "," || input.kind !== "number" ? cell : cell.replace(",", "."));
      } catch (error) {
        throw new Error(`Line ${number}: ${error.message}`);
      }
    });
  });
}

// Where each of the model's columns is, if the first row is their names.
function columnOrder(cells, inputs) {
  const order = inputs.map(({ name }) => cells.indexOf(name.trim()));
  return order.includes(-1) ? null : order;
}

// Cells of a line; those in quotation marks may have separators, and marks that come twice.
function splitCells(line, separator) {
  const cells = [""];
  let quoted = false;
  for (let k = 0; k < line.length; k++) {
    const sign = line[k];
    const last = cells.length - 1;
    if (quoted && sign === '"' && line[k + 1] === '"') cells[last] += line[++k];
    else if (sign === '"' && (quoted || cells[last].trim() === "")) quoted = !quoted;
    else if (sign === separator && !quoted) cells.push("");
    else cells[last] += sign;
  }
  return cells.map((cell) => cell.trim());
}

const csvCell = (value) => (/[",;\t\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

function makeRows(plan, answerOf) {
  const [text, button, message, results, table, link] =
    ["rows", "rows-predict", "rows-message", "rows-results", "rows-table", "rows-download"].map((id) => document.getElementById(id));
  const names = plan.targets ? plan.targets.names : ["prediction", ...plan.classes.map((label) => `P(${label})`)];
  let address = null;

  button.addEventListener("click", () => {
    results.hidden = true;
    message.textContent = "";
    try {
      const rows = readRows(text.value, plan.inputs);
      showAnswers(rows.map((row) => cellsOf(answerOf(row))));
    } catch (error) {
      message.textContent = error.message;
    }
  });

  const cellsOf = (answer) => (plan.targets ? answer.values : [answer.name, ...answer.probabilities]);

  function showAnswers(answers) {
    table.replaceChildren(row("th", ["row", ...names]), ...answers.slice(0, MOST_SHOWN).map((cells, k) =>
      row("td", [k + 1, ...cells.map((cell) => (typeof cell === "number" ? cell.toPrecision(6) : cell))])));
    const csv = [names, ...answers].map((cells) => cells.map(csvCell).join(",")).join("\r\n");
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob([`${csv}\r\n`], { type: "text/csv" }));
    link.href = address;
    const cut = answers.length > MOST_SHOWN ? `, the first ${MOST_SHOWN} shown` : "";
    message.textContent = `${answers.length} ${answers.length === 1 ? "row" : "rows"} predicted${cut}.`;
    results.hidden = false;
  }

  function row(tag, cells) {
    const line = document.createElement("tr");
    line.append(...cells.map((cell) => {
      const node = document.createElement(tag);
      if (tag === "th") node.scope = "col";
      node.textContent = cell;
      return node;
    }));
    return line;
  }
}
