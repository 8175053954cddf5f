"""The judge of predictions: made for a run from simulated cores alone, or for a data scientist from honest records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from looptwin.collaboration.sites import FEATURES, NAMES
from looptwin.errors import UserError
from scenarios.load import load
from scenarios.scenario import Scenario
from sim.parties.config import Dismantler, Fleet, Remanufacturer
from verify.conformal import CalibrationError
from verify.verifier import Claims
from verify.verifier import Verifier as Judge

if TYPE_CHECKING:
    import pandas as pd

    from learning.arrays import FloatArray
    from learning.learned import Learned
    from scenarios.schema import Content
    from verify.beliefs import Beliefs

CALIBRATION_CORES = 2000
"""Simulated honest cores that say how far an honest prediction may be from the judge's own."""


@dataclass(frozen=True, eq=False)
class Verifier:
    """Checks predictions about cores by inverse simulation. It never sees truth or outcomes."""

    judge: Judge

    @classmethod
    def fit(cls, scenario: Scenario | str, honest_records: pd.DataFrame, *, seed: int | None = None) -> Verifier:
        """Return a judge with the beliefs of a scenario, calibrated on honest predictions.

        honest_records: a row per core, with the columns `looptwin.collaboration.sites.NAMES` and `prediction`, the
        probability that remanufacturing it earns money; cores that the predictor was not trained on. The false-alarm
        rate is the scenario's. Raises UserError for columns that are missing and for too few records.
        """
        scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
        if scenario.product is None:
            raise UserError(f"{scenario.name}: a judge needs a product, and this scenario has none")
        key = jax_key(scenario.seed if seed is None else seed)
        try:
            return cls(Judge.fit(beliefs_of(scenario), _claims(honest_records), scenario.verification, key=key))
        except CalibrationError as refused:
            raise UserError(f"verifier: {refused}") from refused

    def verify(self, claims: pd.DataFrame) -> pd.DataFrame:
        """Return a row per claim: verified, score, p_value, expected (the judge's own probability), threshold.

        claims: as the honest records of `fit`. Raises UserError for columns that are missing or hold no numbers.
        """
        import pandas as pd

        verdicts = self.judge.verify(_claims(claims))
        columns = ("verified", "score", "p_value", "expected", "threshold")
        return pd.DataFrame({name: getattr(verdicts, name) for name in columns}, index=claims.index)


def _claims(table: pd.DataFrame) -> Claims:
    missing = [name for name in (*NAMES, "prediction") if name not in table.columns]
    if missing:
        raise UserError(f"verifier: the table lacks {', '.join(missing)}; it needs {', '.join((*NAMES, 'prediction'))}")
    x = table[list(NAMES)].to_numpy(dtype=float)
    try:
        return Claims(
            names=[str(name) for name in table.index], x=x, prediction=table["prediction"].to_numpy(dtype=float)
        )
    except ValueError as refused:
        raise UserError(f"verifier: {refused}") from refused


def judge_of(learned: Learned, weights: Mapping[str, FloatArray], scenario: Content, seed: int) -> Judge:
    """Return a judge for models of a run that predict a probability; weights: the model of each party.

    It learns from simulated cores alone, so no party's record crosses a border. Its false-alarm rate therefore holds as
    far as its beliefs do: the calibration is on predictions of one model of the run for simulated honest cores.
    """
    import jax
    import numpy as np

    from learning.features import scaled
    from verify.forward import sample_records

    beliefs = beliefs_of(scenario)
    key, records_key = jax.random.split(jax_key(seed))
    # as many as the judge itself simulates: the forward model is then compiled once
    records = sample_records(beliefs, scenario.verification.simulated_records, key=records_key)
    x = np.asarray(records.features[:CALIBRATION_CORES], dtype=np.float64)
    prediction = learned.predict(next(iter(weights.values())), scaled(x, FEATURES))
    honest = Claims(names=[f"simulated {row}" for row in range(len(x))], x=x, prediction=prediction)
    return Judge.fit(beliefs, honest, scenario.verification, key=key)


def beliefs_of(scenario: Content) -> Beliefs:
    """Return what the judge of a scenario holds true: its public design values."""
    from verify.beliefs import Beliefs

    assert scenario.product is not None
    parties = [scenario.parties[name] for name in sorted(scenario.parties)]
    return Beliefs.from_sections(
        scenario.product,
        [party for party in parties if isinstance(party, Fleet)],
        next(party for party in parties if isinstance(party, Remanufacturer)),
        [party for party in parties if isinstance(party, Dismantler)],
    )


def jax_key(seed: int) -> Any:
    """Return the JAX key of a seed of any size."""
    import jax

    return jax.random.key(int.from_bytes(blake2b(f"verifier {seed}".encode(), digest_size=4).digest(), "little"))
