"""The question bank: what is in `exams/`, read through strict models, and the draw of a paper."""
