{{- define "app.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end }}

{{- define "app.partOf" -}}
app.kubernetes.io/part-of: {{ .Values.project }}
{{- end }}
