"""Names of the census columns in other systems, from which hints for `census.columns` are taken.

Add a name to its column's list, in lower case. Blanks, punctuation, accents and case are ignored when names
are compared: "Emp. ID", "emp_id" and "EmpID" are equal. The more likely name comes first. Do not add a name
that often has another meaning: "monthly income" is not an annual salary, and "age" is not a birth date.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "employee_id": (
        "employee id", "emp id", "eeid", "ee id", "employee number", "emp number", "employee no",
        "emp no", "employee nr", "emp nbr", "employee code", "emp code", "personnel number",
        "personnel no", "personnel nr", "personnel id", "pers no", "pernr", "worker id", "worker number",
        "staff id", "staff number", "staff no", "associate id", "person id", "person number",
        "payroll number", "payroll id", "payroll no", "file number", "personalnummer", "personal nr",
        "pers nr", "mitarbeiternummer", "mitarbeiter id", "matricule", "numero employe",
        "numero de empleado", "id empleado", "matricola", "personeelsnummer", "anstallningsnummer",
        "ansattnummer", "numer pracownika",
    ),
    "birth_date": (
        "birth date", "date of birth", "dob", "birthdate", "birthday", "birth dt", "born", "date born",
        "geburtsdatum", "geb datum", "geburtstag", "date de naissance", "fecha de nacimiento",
        "fecha nacimiento", "data di nascita", "data de nascimento", "geboortedatum", "fodelsedatum",
        "fodselsdato", "data urodzenia",
    ),
    "hire_date": (
        "hire date", "date of hire", "date hired", "hired", "hired on", "start date", "date of joining",
        "joining date", "join date", "doj", "doh", "date joined", "employment date",
        "employment start date", "employment start", "date of employment", "entry date", "date of entry",
        "original hire date", "most recent hire date", "latest hire date", "last hire date",
        "adjusted hire date", "continuous service date", "service date", "seniority date",
        "commencement date", "date started", "eintrittsdatum", "eintritt", "einstellungsdatum",
        "date d embauche", "date d entree", "fecha de ingreso", "fecha de contratacion", "fecha de alta",
        "data di assunzione", "data de admissao", "indiensttreding", "datum in dienst",
        "anstallningsdatum", "ansattelsesdato", "data zatrudnienia",
    ),
    "salary": (
        "annual salary", "annual base salary", "base salary", "salary", "annual base pay", "base pay",
        "annual pay", "annual rate", "annual compensation", "annual base compensation", "yearly salary",
        "salary annual", "salary amount", "gross annual salary", "annual gross salary", "gross salary",
        "total base pay", "contract salary", "full time salary", "annualized salary", "annualised salary",
        "annualized base pay", "compensation", "basic salary", "jahresgehalt", "bruttojahresgehalt",
        "jahresbrutto", "grundgehalt", "gehalt", "salaire annuel", "salaire brut annuel",
        "salaire de base", "salaire", "salario anual", "salario bruto anual", "salario",
        "retribuzione annua", "stipendio", "jaarsalaris", "arslon", "arslonn", "wynagrodzenie roczne",
    ),
    "termination_date": (
        "termination date", "term date", "date of termination", "date terminated", "terminated on",
        "exit date", "date of exit", "leaving date", "date of leaving", "end date", "employment end date",
        "employment end", "separation date", "date of separation", "last day worked", "last working day",
        "last day employed", "last day", "last working date", "resignation date", "dol", "austrittsdatum",
        "austritt", "date de sortie", "date de depart", "fecha de baja", "fecha de egreso",
        "fecha de salida", "data di cessazione", "data de demissao", "uitdiensttreding",
        "datum uit dienst", "slutdatum", "sluttdato", "data zwolnienia",
    ),
    "level": (
        "level", "job level", "grade", "job grade", "pay grade", "salary grade", "band", "job band",
        "pay band",
    ),
    "fte": (
        "fte", "fte percent", "fte pct", "fte percentage", "fte factor", "fte ratio", "fte value",
        "full time equivalent", "full time equivalence", "full time equivalency", "full time factor",
        "employment percentage", "employment percent", "employment rate", "employment degree",
        "percentage of employment", "percent of full time", "part time percentage", "part time percent",
        "part time factor", "part time rate", "working time percentage", "work time percentage",
        "work percentage", "workload percentage", "workload", "capacity utilization level",
        "beschaftigungsgrad", "vollzeitaquivalent", "stellenanteil", "teilzeitgrad", "pensum",
        "taux d activite", "taux d emploi", "etp", "equivalent temps plein", "porcentaje de jornada",
        "percentuale part time", "deeltijdpercentage", "parttimepercentage", "deeltijdfactor",
        "sysselsattningsgrad", "stillingsprosent", "stillingsandel", "beskaeftigelsesgrad", "wymiar etatu",
    ),
    "department": (
        "department", "dept", "department name", "dept name", "division", "business unit", "org unit",
        "team", "abteilung", "departement", "departamento", "reparto", "afdeling", "avdelning", "dzial",
    ),
    "location": (
        "location", "work location", "office", "site", "office location", "work site", "city", "standort",
        "arbeitsort", "lieu de travail", "ubicacion", "sede", "locatie", "ort",
    ),
    # reason of an exit, in a history
    "reason": (
        "reason", "termination reason", "term reason", "exit reason", "leaving reason", "reason for leaving",
        "reason for termination", "separation reason", "reason for separation", "turnover reason",
        "termination cause", "austrittsgrund", "kundigungsgrund", "motif de depart", "motivo de baja",
    ),
    # currency of the salary: read to refuse a file with more than one
    "currency": (
        "salary currency", "currency", "currency code", "annual salary currency", "base salary currency",
        "base pay currency", "pay currency", "compensation currency", "currency of salary",
        "currency of pay", "curr", "ccy", "waers", "wahrung", "devise", "moneda", "divisa", "valuta",
        "moeda", "waluta",
    ),
}  # fmt: skip


def bare(name: str) -> str:
    """Return a name's letters and digits, without case, accents and text in brackets."""
    without_brackets = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", name)
    letters = unicodedata.normalize("NFKD", without_brackets.strip() or name).casefold()
    return "".join(c for c in letters if c.isalnum())


_RANKS = {
    ours: {bare(name): rank for rank, name in enumerate((ours, *names))} for ours, names in SYNONYMS.items()
}


def likely(ours: str, names: Iterable[str]) -> str | None:
    """Return the name that most likely is the census column; None if no name is a known synonym."""
    ranks = _RANKS.get(ours, {bare(ours): 0})
    known = [name for name in names if bare(name) in ranks]
    return min(known, key=lambda name: ranks[bare(name)], default=None)
