"""LinearSVC on TF-IDF of words 1-2 and characters 3-5: text.py TRAIN TEST TEXT LABEL. Prints one JSON document."""
import csv, gzip, json, sys, time

csv.field_size_limit(1 << 30)


def rows(path):
    opened = gzip.open(path, "rt", encoding="utf8", newline="") if path.endswith(".gz") else open(path, encoding="utf8", newline="")
    with opened as file:
        return list(csv.DictReader(file))


import numpy as np
from scipy.sparse import hstack
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

train, test = rows(sys.argv[1]), rows(sys.argv[2])
text, label = sys.argv[3], sys.argv[4]
began = time.process_time()
words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
x = hstack([words.fit_transform([r[text] for r in train]), letters.fit_transform([r[text] for r in train])]).tocsr()
y = np.array([r[label] for r in train])
plain = LinearSVC().fit(x, y)
seconds = time.process_time() - began
z = hstack([words.transform([r[text] for r in test]), letters.transform([r[text] for r in test])]).tocsr()
right = np.array([a == b for a, b in zip(plain.predict(z), [r[label] for r in test])])
sure = CalibratedClassifierCV(LinearSVC(), cv=3).fit(x, y).predict_proba(z)
names = sorted(set(y))
order = np.argsort(-sure.max(axis=1), kind="stable")
hit = np.array([names[i] for i in sure.argmax(axis=1)]) == np.array([r[label] for r in test])
precision = np.cumsum(hit[order]) / (np.arange(len(order)) + 1)
coverage = {str(t): float(((np.where(precision >= t)[0].max() + 1) if (precision >= t).any() else 0) / len(order)) for t in (0.85, 0.9, 0.95)}
print(json.dumps({"accuracy": float(right.mean()), "seconds": seconds, "coverage": coverage}))
