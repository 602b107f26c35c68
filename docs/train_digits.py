"""Train the generated module `generated/digits.py` on the 1,797 handwritten digits of scikit-learn.

Run by `make demo`, after `symnet generate` has written the module. A quarter of the digits is held
out; the rest is fitted with SciPy's L-BFGS-B through the module's flat interface.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import symnet
from symnet.support.modules import module_from_source

MODULE = Path(__file__).parent.parent / "generated" / "digits.py"
ITERATIONS = 150
NEEDED_ACCURACY = 0.95


def main() -> int:
    """Check the gradients, train, and print the accuracy; exit status 1 if either falls short."""
    digits = module_from_source(MODULE.read_text(encoding="utf-8"), "digits")
    print("1. The gradient check: every derivative against a central difference\n")
    report = symnet.gradcheck(digits)
    print(f"{report}\n")

    pixels, labels = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        pixels / 16, labels, test_size=0.25, random_state=0, stratify=labels
    )
    print(f"2. Training on {len(x_train):,} digits with L-BFGS-B, {len(x_test)} held out\n")
    start = digits.flatten(digits.init(0))
    with tqdm(total=ITERATIONS, unit="step") as bar:

        def shown(intermediate_result: object) -> None:
            bar.update()
            bar.set_postfix(loss=f"{intermediate_result.fun:.5f}")

        fit = minimize(
            digits.value_and_grad_flat,
            start,
            args=(x_train, y_train),
            jac=True,
            method="L-BFGS-B",
            callback=shown,
            options={"maxiter": ITERATIONS},
        )
    params = digits.unflatten(fit.x)
    accuracy = np.mean(digits.forward(params, x_test).argmax(axis=1) == y_test)

    print(f"\n{fit.nit} steps, loss {digits.loss(digits.unflatten(start), x_train, y_train):.3f} -> {fit.fun:.5f}")
    print(f"accuracy on the {len(x_test)} held-out digits: {accuracy:.3f}")
    print(f"wrote generated/digits.py: {len(start):,} parameters; it imports NumPy only. Read it next.")
    return 0 if report and accuracy >= NEEDED_ACCURACY else 1


if __name__ == "__main__":
    sys.exit(main())
