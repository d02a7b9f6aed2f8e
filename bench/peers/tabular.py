"""HistGradientBoosting, random forest, logistic regression and XGBoost where there is one: tabular.py TRAIN TEST TARGET. Prints JSON."""
import csv, gzip, json, sys, time

csv.field_size_limit(1 << 30)


def rows(path):
    opened = gzip.open(path, "rt", encoding="utf8", newline="") if path.endswith(".gz") else open(path, encoding="utf8", newline="")
    with opened as file:
        return list(csv.DictReader(file))


import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler

train, test = rows(sys.argv[1]), rows(sys.argv[2])
target = sys.argv[3]
columns = [c for c in train[0] if c != target]


def number(value):
    try:
        return float(value)
    except ValueError:
        return np.nan


numeric = [c for c in columns if sum(np.isfinite(number(r[c])) for r in train) > 0.8 * sum(r[c] != "" for r in train) and len({r[c] for r in train}) > 5]
words = [c for c in columns if c not in numeric]
encoder = OneHotEncoder(handle_unknown="ignore", min_frequency=5).fit([[r[c] for c in words] for r in train])
scaler = StandardScaler().fit([[number(r[c]) for c in numeric] for r in train])


def matrix(table, fill):
    n = scaler.transform([[number(r[c]) for c in numeric] for r in table])
    return np.hstack([np.nan_to_num(n) if fill else n, encoder.transform([[r[c] for c in words] for r in table]).toarray()])


y = np.array([int(float(r[target])) for r in train])
t = np.array([int(float(r[target])) for r in test])


def ece(p):
    b = np.minimum(14, (p * 15).astype(int))
    return float(sum(abs(t[b == i].sum() - p[b == i].sum()) for i in range(15)) / len(t))


models = {"HistGradientBoosting": (HistGradientBoostingClassifier(random_state=0), False), "logistic": (LogisticRegression(max_iter=2000), True), "random forest": (RandomForestClassifier(300, min_samples_leaf=3, n_jobs=1, random_state=0), True)}
try:
    from xgboost import XGBClassifier

    models["XGBoost"] = (XGBClassifier(n_estimators=200, max_depth=4, learning_rate=0.1, n_jobs=1), False)
except ImportError:
    pass
answer = {}
for name, (model, fill) in models.items():
    began = time.process_time()
    p = model.fit(matrix(train, fill), y).predict_proba(matrix(test, fill))[:, 1]
    answer[name] = {"auc": float(roc_auc_score(t, p)), "ece": ece(p), "seconds": time.process_time() - began}
print(json.dumps(answer))
